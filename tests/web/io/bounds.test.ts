// Small files that ask for much: time and memory in proportion to the file, whatever it claims.
import { deflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  FormatError,
  init,
  LamellaError,
  loadCheckpoint,
  loadKeras,
  loadLayersModel,
  loadNpz,
  Model,
  ReLU,
  readSafetensors,
  saveNpz,
  ValueError,
} from 'lamella';
import { expectRejection, rejection } from '../support.js';
import { npy, npyText, type ZipFile, zip } from './archive.js';

beforeAll(() => init());

/** Far above what any of these takes, far below what work without bounds does. */
const seconds = 8;

/** Checks that loading fails in time, with an error that a person can read. */
async function expectRefused(load: () => Promise<unknown>, ...parts: string[]): Promise<void> {
  const start = performance.now();
  const error = (await rejection(load)) as Error;
  expect((performance.now() - start) / 1000).toBeLessThan(seconds);
  expect(error).toBeInstanceOf(LamellaError);
  expect(error.message.length).toBeLessThanOrEqual(300);
  for (const part of parts) expect(error.message).toContain(part);
}

const packed = ({ name, contents }: ZipFile): ZipFile => ({
  name,
  contents,
  method: 8,
  packed: deflateRawSync(contents),
});

/** An .npz of a few kB with such a text as its architecture. */
const withArchitecture = (text: string): Uint8Array =>
  zip([packed({ name: 'architecture.npy', contents: npyText(text) })]);

const relu = '{"type":"ReLU"}';

describe.each<[what: string, bytes: () => Uint8Array, part: string]>([
  [
    '100,000 layers',
    () => withArchitecture(`[${Array(100_000).fill(relu).join()}]`),
    'layers: are 100000',
  ],
  ['250,000 layers', () => withArchitecture(`[${Array(250_000).fill(relu).join()}]`), ''],
  [
    'as many layers in a block',
    () => withArchitecture(`[{"type":"Residual","layers":[${Array(100_000).fill(relu).join()}]}]`),
    'layers: are 100001',
  ],
  ['a text of 12 million characters', () => withArchitecture(`"${'x'.repeat(12e6)}"`), ''],
  ['a text of NULs with one letter at its end', () => withArchitecture(`${'\0'.repeat(1e6)}x`), ''],
  ['lists nested 2 million deep', () => withArchitecture('['.repeat(2e6)), 'nested too deep'],
  [
    'blocks nested 2,000 deep',
    () => withArchitecture(`${'[{"type":"Residual","layers":'.repeat(2000)}[${relu}]`),
    'nested too deep',
  ],
  [
    'a million layers that are no layers',
    () => withArchitecture(`[${Array(1e6).fill('{}').join()}]`),
    '',
  ],
  ['an option of a million lists', () => withArchitecture(`[${Array(1e6).fill('[]').join()}]`), ''],
  [
    'a class with a name of a million letters',
    () => withArchitecture(`[{"type":"${'y'.repeat(1e6)}"}]`),
    '',
  ],
  [
    'a key of a million letters',
    () => withArchitecture(`[{"type":"ReLU","${'y'.repeat(1e6)}":1}]`),
    '',
  ],
  [
    'an array of 10,000 dimensions',
    () =>
      zip([
        {
          name: 'layer_0_weights.npy',
          contents: npy('<f4', Array<number>(10_000).fill(1), new Uint8Array(4)),
        },
      ]),
    'dimensions',
  ],
  [
    'an array with a name of 60,000 letters',
    () => zip([{ name: `${'n'.repeat(60_000)}.npy`, contents: new Uint8Array(4) }]),
    '',
  ],
])('an .npz with %s', (_, bytes, part) => {
  test('is refused at once', async () => {
    const file = bytes();
    await expectRefused(() => loadNpz(file), part);
  });
});

test('an archive of 60,000 entries is read in a few seconds', async () => {
  const files = Array.from({ length: 60_000 }, (_, i) => ({
    name: `layer_${i}_x.npy`,
    contents: npy('<f4', [1], new Uint8Array(4)),
  }));
  const file = zip(files);
  await expectRefused(() => loadNpz(file), 'architecture: is missing');
});

test('counts that no run has', async () => {
  const parts = {
    version: 1,
    layers: [{ type: 'Dropout' }],
    seed: 0,
    steps: 0,
    inputShape: [3],
    frozen: [],
    random: [[0]],
  };
  const checkpoint = (change: object): Uint8Array =>
    zip([
      { name: 'architecture.npy', contents: npyText('[]') },
      {
        name: 'lamella.npy',
        contents: npyText(
          JSON.stringify({
            ...parts,
            progress: { epochs: 1, rows: 5, shuffled: true, position: 2 },
            ...change,
          }),
        ),
      },
    ]);
  (await loadCheckpoint(checkpoint({}))).dispose();
  const progress = {
    epochs: 2 ** 53 - 1,
    rows: 2 ** 32 - 1,
    shuffled: true,
    position: 2 ** 32 - 2,
  };
  const loaded = await loadCheckpoint(checkpoint({ progress }));
  expect(loaded.epochs).toBe(2 ** 53 - 1);
  for (const rows of [2 ** 32, 2 ** 53 - 1]) {
    const change = { progress: { ...progress, rows } };
    await expectRefused(() => loadCheckpoint(checkpoint(change)), 'progress: ');
  }
  await expectRefused(() => loadCheckpoint(checkpoint({ random: [[2 ** 53]] })), 'random: ');
  await expectRefused(() => loadCheckpoint(checkpoint({ steps: 1e300 })), 'steps: ');
  await expectRefused(() => loadCheckpoint(checkpoint({ inputShape: Array(1e5).fill(1) })));
});

const convolution = (config: object, shape: number[]): string =>
  JSON.stringify({
    modelTopology: {
      class_name: 'Sequential',
      config: {
        layers: [
          {
            class_name: 'Conv2D',
            config: { name: 'c', filters: 1, use_bias: false, ...config },
          },
        ],
      },
    },
    weightsManifest: [{ weights: [{ name: 'c/kernel', dtype: 'float32', shape }] }],
  });

test.each([
  ['images of no pixels', [2 ** 26, 2 ** 26, 0], [2 ** 26, 2 ** 26]],
  ['images of no channels', [8, 8, 0], [3, 3]],
  ['a kernel larger than the images', [8, 8, 1], [2 ** 26, 2 ** 26]],
])('a convolution of %s', async (_, image, kernel_size) => {
  const json = convolution({ kernel_size, batch_input_shape: [null, ...image] }, [
    ...kernel_size,
    image[2] as number,
    1,
  ]);
  await expectRefused(() => loadLayersModel(json, [new Uint8Array()]));
});

test('the JSON of a model nested 10 million deep, or 20 million characters long', async () => {
  for (const text of ['['.repeat(1e7), `{"a":${'{"a":'.repeat(2e6)}`, `"${'z'.repeat(2e7)}"`]) {
    await expectRefused(() => loadLayersModel(text, []), 'model.json: ');
    await expectRefused(() => loadKeras(text, zip([])), 'model: ');
  }
});

test('models within models without end', async () => {
  let inner: unknown = { class_name: 'Dense', config: { name: 'd', units: 1 } };
  for (let i = 0; i < 30; i++) {
    inner = { class_name: 'Sequential', config: { name: `m${i}`, layers: [inner] } };
  }
  const json = JSON.stringify({ modelTopology: inner, weightsManifest: [] });
  await expectRefused(() => loadLayersModel(json, []), 'nested too deep');
});

test('safetensors: a header of 20 million characters, and one nested deep', async () => {
  for (const text of [`{"${'k'.repeat(2e7)}":0}`, '{"a":'.repeat(2e6), `{"a":${'['.repeat(9e6)}`]) {
    const header = Buffer.from(text);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const file = new Uint8Array(Buffer.concat([length, header]));
    await expectRefused(() => readSafetensors(file), 'header: ');
  }
});

test('a model of more layers than a file may have is not written', async () => {
  const model = new Model(
    Array.from({ length: 30_001 }, () => new ReLU()),
    { inputShape: [1] },
  );
  await expectRejection(() => saveNpz(model), ValueError, 'cannot be saved', '30001');
  model.dispose();
});

test('a model of as many layers as it may have comes back', async () => {
  const model = new Model(
    Array.from({ length: 30_000 }, () => new ReLU()),
    { inputShape: [1] },
  );
  const start = performance.now();
  const loaded = await loadNpz(await saveNpz(model));
  expect(loaded.layers).toHaveLength(30_000);
  expect((performance.now() - start) / 1000).toBeLessThan(20);
  model.dispose();
  loaded.dispose();
});

test('a message is short, whatever the names in a file', async () => {
  const long = 'n'.repeat(5000);
  const error = new FormatError(long, long);
  expect(error.message.length).toBe(300);
  expect(error.message.startsWith(`${error.entry}: `)).toBe(true);
  const json = JSON.stringify({
    modelTopology: {
      class_name: 'Sequential',
      config: { layers: [{ class_name: long, config: { name: long, batch_shape: [null, 1] } }] },
    },
    weightsManifest: [],
  });
  await expectRefused(() => loadLayersModel(json, []), 'is a class that is not read');
});
