// Files that are damaged, or made to do damage: a FormatError that names the entry, no model, and
// memory in proportion to the file.
import { deflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  Adam,
  BatchNormalization,
  Dense,
  Dropout,
  FormatError,
  init,
  LamellaError,
  loadCheckpoint,
  loadNpz,
  loadSafetensors,
  Model,
  MSE,
  saveCheckpoint,
  saveSafetensors,
  ValueError,
} from 'lamella';
import { noise, rejection } from '../support.js';
import { npy, npyText, type ZipFile, zip } from './archive.js';

let model: Model;
let checkpoint: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  await init();
  model = new Model(
    [new Dense(3, { inputSize: 2 }), new BatchNormalization(), new Dropout(), new Dense(1)],
    { loss: new MSE(), optimizer: new Adam() },
  );
  model.trainBatch(noise([4, 2]), noise([4, 1]));
  checkpoint = await saveCheckpoint(model);
});

/** Checks that loading fails as it must, naming the entry. */
async function expectRefused(bytes: Uint8Array, ...parts: readonly string[]): Promise<void> {
  const error = await rejection(() => loadNpz(bytes));
  expect(error).toBeInstanceOf(FormatError);
  for (const part of parts) expect((error as Error).message).toContain(part);
  expect((error as Error).message.startsWith(`${(error as FormatError).entry}: `)).toBe(true);
}

test('an error is of the package’s classes, of no class that extends one', async () => {
  class Own extends FormatError {}
  const error = await rejection(() => loadNpz(checkpoint.subarray(1)));
  expect(error).toBeInstanceOf(LamellaError);
  expect(error).not.toBeInstanceOf(ValueError);
  expect(error).not.toBeInstanceOf(Own);
  expect(new Own('entry', 'problem')).toBeInstanceOf(FormatError);
});

test('truncated at every length', async () => {
  for (let length = 0; length < checkpoint.length; length += length < 200 ? 1 : 37) {
    await expectRefused(checkpoint.subarray(0, length));
  }
});

test('anything after the end', async () => {
  await expectRefused(Uint8Array.from([...checkpoint, 0]), 'zip directory');
});

test('a flipped bit is found, or changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(checkpoint.length - 1),
      fc.integer({ min: 0, max: 7 }),
      async (at, bit) => {
        const bytes = checkpoint.slice();
        (bytes[at] as number) ^= 1 << bit;
        const result: unknown = await loadCheckpoint(bytes).catch((error: unknown) => error);
        if (result instanceof Model) expect(await saveCheckpoint(result)).toEqual(checkpoint);
        else expect(result).toBeInstanceOf(FormatError);
        if (result instanceof Model) result.dispose();
      },
    ),
    { numRuns: 1500 },
  );
}, 120_000);

test('a flipped bit in safetensors is found, or is one in the numbers', async () => {
  const saved = await saveSafetensors(model);
  const numbers = 8 + new DataView(saved.buffer).getUint32(0, true);
  await fc.assert(
    fc.asyncProperty(fc.nat(numbers - 1), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
      const bytes = saved.slice();
      (bytes[at] as number) ^= 1 << bit;
      try {
        await loadSafetensors(model, bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        return;
      }
      // Padding may change; names, types and shapes may not.
      expect((await saveSafetensors(model)).length).toBe(saved.length);
    }),
    { numRuns: 1500 },
  );
});

test('random bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), (bytes) => expectRefused(bytes)),
    { numRuns: 300 },
  );
});

/** A model in the layout: one Dense layer; each part can be replaced. */
function layout(change: {
  architecture?: unknown;
  config?: unknown;
  files?: Record<string, Uint8Array>;
}): ZipFile[] {
  const dense = { type: 'Dense', output_size: 2, input_size: 3 };
  const files: Record<string, Uint8Array> = {
    'layer_0_weights.npy': npy('<f4', [3, 2], new Uint8Array(24)),
    'layer_0_biases.npy': npy('<f4', [1, 2], new Uint8Array(8)),
    'architecture.npy': npyText(JSON.stringify(change.architecture ?? [dense])),
    'model_config.npy': npyText(JSON.stringify(change.config ?? { optimizer_globals: {} })),
    ...change.files,
  };
  return Object.entries(files).map(([name, contents]) => ({ name, contents }));
}

/** The same model in a checkpoint. */
function exact(progress: unknown): ZipFile[] {
  const layers = [{ type: 'Dense', outputSize: 2, inputSize: 3 }];
  const parts = {
    version: 1,
    layers,
    steps: 0,
    seed: 0,
    inputShape: [3],
    frozen: [],
    random: [[]],
  };
  return layout({ files: { 'lamella.npy': npyText(JSON.stringify({ ...parts, progress })) } });
}

test('the undamaged files that the next ones are made from load', async () => {
  expect((await loadNpz(zip(layout({})))).inputShape).toEqual([3]);
  const progress = { epochs: 2, rows: 5, shuffled: true, position: 5 };
  expect((await loadCheckpoint(zip(exact(progress)))).epochs).toBe(2);
});

const weights = 'layer_0_weights.npy';
const floats = (count: number): Uint8Array => new Uint8Array(4 * count);

describe.each<[problem: string, files: () => ZipFile[], parts: readonly string[]]>([
  [
    'Python objects',
    () => layout({ files: { [weights]: npy('|O', [3, 2], floats(12)) } }),
    ['layer_0_weights: ', 'Python objects'],
  ],
  [
    'another type',
    () => layout({ files: { [weights]: npy('<i4', [3, 2], floats(6)) } }),
    ["layer_0_weights: is of type '<i4'"],
  ],
  [
    'big-endian numbers',
    () => layout({ files: { [weights]: npy('>f4', [3, 2], floats(6)) } }),
    ["layer_0_weights: is of type '>f4'"],
  ],
  [
    'a record type',
    () => layout({ files: { [weights]: npy("<f4'), ('b", [3, 2], floats(6)) } }),
    ['layer_0_weights: '],
  ],
  [
    'another shape',
    () => layout({ files: { [weights]: npy('<f4', [2, 3], floats(6)) } }),
    ['layer_0_weights: should have shape [3, 2], has [2, 3]'],
  ],
  [
    'a shape without its numbers',
    () => layout({ files: { [weights]: npy('<f4', [3, 2], floats(5)) } }),
    ['layer_0_weights: ', '24 bytes, got 20'],
  ],
  [
    'a huge shape',
    () => layout({ files: { [weights]: npy('<f4', [2 ** 31, 2 ** 31], floats(6)) } }),
    ['layer_0_weights: '],
  ],
  [
    'a shape whose product is 0 after overflow',
    () => layout({ files: { [weights]: npy('<f4', [2 ** 32, 2 ** 32], floats(0)) } }),
    ['layer_0_weights: '],
  ],
  ['no .npy', () => layout({ files: { [weights]: floats(6) } }), ['layer_0_weights: ']],
  ['another file', () => layout({ files: { 'run.py': floats(1) } }), ['run.py: ']],
  [
    'an array of no layer',
    () => layout({ files: { 'layer_1_weights.npy': npy('<f4', [1], floats(1)) } }),
    ['layer_1_weights: '],
  ],
  [
    'a missing array',
    () => layout({}).filter(({ name }) => name !== weights),
    ['layer_0_weights: is missing'],
  ],
  [
    'no architecture',
    () => layout({}).filter(({ name }) => name !== 'architecture.npy'),
    ['architecture: is missing'],
  ],
  [
    'an entry twice',
    () => [...layout({}), { name: weights, contents: floats(6) }],
    [`${weights}: is there twice`],
  ],
  [
    'overlapping entries',
    () => {
      const files = layout({});
      return files.map((file, i) => (i === 1 ? { ...file, offset: 0, name: weights } : file));
    },
    [weights],
  ],
  [
    'an encrypted entry',
    () => layout({}).map((file, i) => (i === 0 ? { ...file, flags: 1 } : file)),
    [`${weights}: is encrypted`],
  ],
  [
    'an unknown compression',
    () => layout({}).map((file, i) => (i === 0 ? { ...file, method: 12 } : file)),
    [`${weights}: compression method 12`],
  ],
  [
    'a wrong checksum',
    () => layout({}).map((file, i) => (i === 0 ? { ...file, crc: 1 } : file)),
    [`${weights}: its checksum`],
  ],
  [
    'data that unpacks to more than it says',
    () =>
      layout({}).map((file, i) =>
        i === 0
          ? { ...file, method: 8, packed: deflateRawSync(new Uint8Array(5000)), size: 152 }
          : file,
      ),
    [`${weights}: unpacks to more than its 152 bytes`],
  ],
  [
    'data that unpacks to less than it says',
    () =>
      layout({}).map((file, i) =>
        i === 0
          ? { ...file, method: 8, packed: deflateRawSync(new Uint8Array(9)), size: 152 }
          : file,
      ),
    [`${weights}: unpacks to 9 bytes`],
  ],
  [
    'compressed data that is none',
    () =>
      layout({}).map((file, i) =>
        i === 0 ? { ...file, method: 8, packed: Uint8Array.of(255, 255, 255), size: 152 } : file,
      ),
    [`${weights}: its compressed data`],
  ],
  ['no JSON', () => layout({ files: { 'architecture.npy': npyText('[{') } }), ['architecture: ']],
  [
    'JSON nested deeply',
    () => layout({ files: { 'architecture.npy': npyText('['.repeat(1e5) + ']'.repeat(1e5)) } }),
    ['architecture: '],
  ],
  [
    'a text that is no text',
    () => layout({ files: { 'architecture.npy': npy('<U1', [], floats(1).fill(255)) } }),
    ['architecture: its text is not Unicode'],
  ],
  ['no list of layers', () => layout({ architecture: {} }), ['architecture: ']],
  ['no layer', () => layout({ architecture: [], files: {} }), ['architecture: ']],
  [
    'an unknown layer',
    () => layout({ architecture: [{ type: 'Lambda', code: 'process.exit()' }] }),
    ['layer 0: ', "'Lambda'"],
  ],
  ['a layer without a type', () => layout({ architecture: [{}] }), ['layer 0: type: ']],
  [
    'a layer named after a property of all objects',
    () => layout({ architecture: [{ type: 'constructor' }] }),
    ['layer 0: '],
  ],
  [
    'an unknown argument',
    () => layout({ architecture: [{ type: 'Dense', output_size: 2, input_size: 3, url: 'x' }] }),
    ['layer 0: ', 'url'],
  ],
  [
    'an argument of another type',
    () => layout({ architecture: [{ type: 'Dense', output_size: {}, input_size: 3 }] }),
    ['layer 0: ', 'outputSize'],
  ],
  [
    'layers nested in what is no layer',
    () => layout({ architecture: [{ type: 'Residual', layers: [null] }] }),
    ['layer 0: '],
  ],
  [
    'layers nested in one another without end',
    () => {
      let architecture: unknown[] = [{ type: 'Dense', output_size: 2, input_size: 3 }];
      for (let i = 0; i < 1000; i++) architecture = [{ type: 'Residual', layers: architecture }];
      return layout({ architecture });
    },
    ['architecture: its JSON is nested too deep'],
  ],
  [
    'a prototype',
    () =>
      layout({
        files: { 'architecture.npy': npyText('[{"type":"Dense","__proto__":{"output_size":2}}]') },
      }),
    ["architecture: has a key '__proto__'"],
  ],
  [
    'an unknown loss',
    () => layout({ config: { loss: { type: 'toString' }, optimizer_globals: {} } }),
    ['loss: '],
  ],
  [
    'an unknown optimizer',
    () => layout({ config: { optimizer: { type: 'Eval' }, optimizer_globals: {} } }),
    ['optimizer: '],
  ],
  [
    'an optimizer out of range',
    () => layout({ config: { optimizer: { type: 'Adam', beta1: 7 }, optimizer_globals: {} } }),
    ['optimizer: ', 'beta1'],
  ],
  [
    'steps without the state they leave',
    () => layout({ config: { optimizer: { type: 'Adam' }, optimizer_globals: { t: 3 } } }),
    ['optimizer: '],
  ],
  [
    'the state of no optimizer',
    () => layout({ files: { 'optimizer_velocities.npy': npy('<f4', [1], floats(1)) } }),
    ['optimizer: is missing'],
  ],
  [
    'more samples trained on than there are',
    () => exact({ epochs: 1, rows: 5, shuffled: true, position: 6 }),
    ['progress: 6 of 5 samples'],
  ],
  [
    'an order that is neither drawn nor not',
    () => exact({ epochs: 1, rows: 5, shuffled: 'no', position: 5 }),
    ["progress: shuffled must be true or false, got 'no'"],
  ],
  [
    'samples of an epoch that has not begun',
    () => exact({ epochs: 0, rows: 5, shuffled: true, position: 0 }),
    ['progress: 0 of 5 samples in epoch 0'],
  ],
])('%s', (_, files, parts) => {
  test('is refused', () => expectRefused(zip(files()), ...parts));
});

test('a zip bomb is not unpacked', async () => {
  const bomb = deflateRawSync(new Uint8Array(2 ** 27), { level: 9 });
  const files = [0, 1, 2, 3, 4, 5].map((i) => ({
    name: `layer_${i}_weights.npy`,
    contents: new Uint8Array(),
    method: 8,
    packed: bomb,
    size: 2 ** 27,
  }));
  const before = process.memoryUsage().arrayBuffers;
  await expectRefused(zip(files), 'zip directory', 'claim to unpack');
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26);
});

test('an architecture without the weights cannot claim memory', async () => {
  // 256 MB, which there would be.
  const dense = { type: 'Dense', output_size: 8000, input_size: 8000 };
  await expectRefused(zip(layout({ architecture: [dense] })), 'layer 0: ', 'can need');
  // The limit ends with the loading.
  expect(new Dense(8000, { inputSize: 8000 }).weights.size).toBe(64e6);
});
