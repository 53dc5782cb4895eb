import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  BatchNormalization,
  Dense,
  type FileArray,
  FormatError,
  init,
  loadSafetensors,
  Model,
  readSafetensors,
  saveSafetensors,
  writeSafetensors,
} from 'lamella';
import { expectRejection, noise, paramValues, values } from '../support.js';

beforeAll(() => init());

/** A file with any header over any bytes. */
function file(header: unknown, data: ArrayLike<number> = []): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const bytes = new TextEncoder().encode(text);
  const all = new Uint8Array(8 + bytes.length + data.length);
  new DataView(all.buffer).setUint32(0, bytes.length, true);
  all.set(bytes, 8);
  all.set(Array.from(data), 8 + bytes.length);
  return all;
}

const model = (seed = 0): Model =>
  new Model([new Dense(3, { inputSize: 2 }), new BatchNormalization(), new Dense(2)], { seed });

test('has the names, shapes and numbers of every layer', async () => {
  const saved = model();
  const arrays = await readSafetensors(await saveSafetensors(saved));
  expect(Array.from(arrays, ([name, { shape }]) => [name, shape])).toEqual([
    ['layer_0.weights', [2, 3]],
    ['layer_1.gamma', [1, 3]],
    ['layer_1.beta', [1, 3]],
    ['layer_1.cache_m', [1, 3]],
    ['layer_1.cache_v', [1, 3]],
    ['layer_2.weights', [3, 2]],
    ['layer_2.biases', [1, 2]],
  ]);
  expect(Array.from(arrays.get('layer_2.weights')?.data ?? [])).toEqual(
    values((saved.layers[2] as Dense).weights),
  );
});

test('makes another model predict the same', async () => {
  const [from, to] = [model(1), model(2)];
  from.layers[1]?.forward(noise([8, 3]), true); // moves the running means
  const x = noise([5, 2]);
  expect(values(to.predict(x))).not.toEqual(values(from.predict(x)));
  await loadSafetensors(to, await saveSafetensors(from));
  expect(values(to.predict(x))).toEqual(values(from.predict(x)));
});

test('is laid out as the format says', async () => {
  const bytes = await writeSafetensors(
    new Map<string, FileArray>([['a', { shape: [2], data: Float32Array.of(1, -2) }]]),
  );
  const length = new DataView(bytes.buffer).getUint32(0, true);
  expect(length % 8).toBe(0);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as unknown;
  expect(header).toEqual({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } });
  expect(Array.from(bytes.subarray(8 + length))).toEqual([0, 0, 128, 63, 0, 0, 0, 192]);
});

test.each([
  ['F16', [0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000, 0x7c00], [1, -2, 2 ** -24, 65504, -0, Infinity]],
  ['BF16', [0x3f80, 0xc000, 0x0001, 0x7f80, 0x4049], [1, -2, 2 ** -133, Infinity, 3.140625]],
])('reads %s', async (dtype, halves, numbers) => {
  const data = new Uint8Array(Uint16Array.from(halves).buffer);
  const header = { a: { dtype, shape: [halves.length], data_offsets: [0, data.length] } };
  const arrays = await readSafetensors(file(header, data));
  expect(Array.from(arrays.get('a')?.data ?? [])).toEqual(numbers);
});

test('metadata is passed over', async () => {
  expect((await readSafetensors(file({ __metadata__: { format: 'pt' } }))).size).toBe(0);
});

const entry = (begin: number, end: number, more = {}): object => ({
  dtype: 'F32',
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
  ...more,
});

describe.each<[problem: string, bytes: Uint8Array, entry: string]>([
  ['no header', Uint8Array.of(1, 2, 3), 'header'],
  [
    'a header longer than the file',
    Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255),
    'header',
  ],
  ['a header that is no JSON', file('{"a":'), 'header'],
  ['a header that is a list', file([]), 'header'],
  ['a header nested deeply', file(`${'['.repeat(50_000)}${']'.repeat(50_000)}`), 'header'],
  ['a key __proto__', file('{"__proto__":{}}'), 'header'],
  ['an entry twice', file('{"a":1,"b":{"\\u0061":3},"\\u0061":2}'), 'header'],
  ['an unknown type', file({ a: entry(0, 4, { dtype: 'I64' }) }, [0, 0, 0, 0]), 'a'],
  ['an overlap', file({ a: entry(0, 8), b: entry(4, 12) }, new Uint8Array(12)), 'b'],
  ['a hole', file({ a: entry(0, 4), b: entry(8, 12) }, new Uint8Array(12)), 'b'],
  ['an end beyond the file', file({ a: entry(0, 8) }, new Uint8Array(4)), 'a'],
  ['bytes of no entry', file({ a: entry(0, 4) }, new Uint8Array(8)), 'header'],
  ['another size than the shape', file({ a: entry(0, 8, { shape: [3] }) }, new Uint8Array(8)), 'a'],
  ['a huge shape', file({ a: entry(0, 4, { shape: [2 ** 40, 2 ** 40] }) }, [0, 0, 0, 0]), 'a'],
  ['a negative dimension', file({ a: entry(0, 4, { shape: [-1] }) }, [0, 0, 0, 0]), 'a'],
])('%s', (_, bytes, name) => {
  test('is a FormatError that names the entry', async () => {
    await expectRejection(() => readSafetensors(bytes), FormatError, `${name}: `);
  });
});

test.each<[problem: string, change: (arrays: Map<string, FileArray>) => void, entry: string]>([
  ['is missing', (arrays) => arrays.delete('layer_2.biases'), 'layer_2.biases: is missing'],
  [
    'is one too many',
    (arrays) => arrays.set('layer_9.weights', { shape: [1], data: Float32Array.of(1) }),
    'layer_9.weights: ',
  ],
  [
    'has another shape',
    (arrays) => arrays.set('layer_2.biases', { shape: [2, 1], data: Float32Array.of(1, 2) }),
    'layer_2.biases: should have shape [1, 2]',
  ],
])('when an array %s the model stays as it was', async (_, change, message) => {
  const to = model(2);
  const before = to.layers.map(paramValues);
  const arrays = await readSafetensors(await saveSafetensors(model(1)));
  change(arrays);
  const bytes = await writeSafetensors(arrays);
  await expectRejection(() => loadSafetensors(to, bytes), FormatError, message);
  expect(to.layers.map(paramValues)).toEqual(before);
});
