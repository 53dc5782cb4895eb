// Files of TensorFlow.js, Keras and PyTorch as they are found: other names of weights, quantization,
// arrays of optimizers; and files of other kinds, which are named.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  ArgumentTypeError,
  FormatError,
  init,
  loadCheckpoint,
  loadKeras,
  loadLayersModel,
  loadNpz,
  loadSafetensors,
  Model,
  MSE,
  readSafetensors,
  ReLU,
  saveNpz,
  SGD,
  UnsupportedError,
} from 'lamella';
import { type ErrorClass, expectRejection, rejection, values } from '../support.js';
import { npy, zip } from './archive.js';

beforeAll(() => init());

type Weight = [name: string, shape: number[], data: ArrayBufferView | number[], more?: object];

/** The two arguments of loadLayersModel. */
function tfjs(
  layers: readonly object[],
  weights: readonly Weight[],
  topology?: object,
): [string, Uint8Array[]] {
  const pieces = weights.map(([, , data]) => {
    const view = Array.isArray(data) ? Float32Array.from(data) : data;
    return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  });
  const json = {
    format: 'layers-model',
    modelTopology: topology ?? { class_name: 'Sequential', config: { name: 's', layers } },
    weightsManifest: [
      {
        paths: ['w.bin'],
        weights: weights.map(([name, shape, , more]) => ({
          name,
          shape,
          dtype: 'float32',
          ...more,
        })),
      },
    ],
  };
  return [JSON.stringify(json), [new Uint8Array(Buffer.concat(pieces))]];
}

const dense = (name: string, units: number, inputs?: number, more: object = {}): object => ({
  class_name: 'Dense',
  config: {
    name,
    units,
    use_bias: false,
    ...(inputs !== undefined && { batch_input_shape: [null, inputs] }),
    ...more,
  },
});
const two = [dense('dense', 2, 2), dense('dense_1', 1)];
const predicted = (model: Model): number[] => values(model.predict([[1, 2]]));

describe.each([
  ['dense/kernel', 'dense_1/kernel'],
  ['sequential/dense/kernel', 'sequential/dense_1/kernel'],
  ['sequential_3/dense/kernel:0', 'sequential_3/dense_1/kernel:0'],
  ['dense/kernel_2', 'dense_1/kernel_5'],
  ['a/dense/cell/kernel', 'a/dense_1/cell/kernel:0'],
  ['_layer_checkpoint_dependencies/dense/vars/0', '_layer_checkpoint_dependencies/dense_1/vars/0'],
  ['variable_7', 'variable_8'],
])('weights called %s and %s', (first, second) => {
  test.each([
    [first, second],
    [second, first],
  ])('are found when %s comes first', async (earlier) => {
    const weights: Weight[] = [
      [first, [2, 2], [1, 2, 3, 4]],
      [second, [2, 1], [5, 6]],
    ];
    const named = first.includes('/');
    if (earlier === second) weights.reverse();
    if (!named && earlier === second) {
      // Nothing but the order tells which is which.
      await expectRejection(() => loadLayersModel(...tfjs(two, weights)), FormatError, 'shape');
      return;
    }
    expect(predicted(await loadLayersModel(...tfjs(two, weights)))).toEqual([95]);
  });

  test('are found in an .npz', async () => {
    const json = JSON.stringify({ class_name: 'Sequential', config: { name: 's', layers: two } });
    const file = (name: string, shape: number[], data: number[]) => ({
      name: `${name}.npy`,
      contents: npy('<f4', shape, new Uint8Array(Float32Array.from(data).buffer)),
    });
    const weights = [file(first, [2, 2], [1, 2, 3, 4]), file(second, [2, 1], [5, 6])];
    expect(predicted(await loadKeras(json, zip(weights)))).toEqual([95]);
  });
});

test('two arrays that may be one weight are refused, and one is not taken twice', async () => {
  const weights: Weight[] = [
    ['a/dense/kernel', [2, 2], [1, 2, 3, 4]],
    ['b/dense/kernel', [2, 2], [1, 2, 3, 4]],
    ['dense_1/kernel', [2, 1], [5, 6]],
  ];
  await expectRejection(
    () => loadLayersModel(...tfjs(two, weights)),
    FormatError,
    "may be 'a/dense/kernel' or 'b/dense/kernel'",
  );
});

test.each<[what: string, weight: Weight, wanted: number[]]>([
  [
    'float16',
    [
      'd/kernel',
      [2, 1],
      Uint16Array.of(0x4000, 0xc200),
      { quantization: { dtype: 'float16', original_dtype: 'float32' } },
    ],
    [2 - 3 * 2],
  ],
  [
    'uint8',
    [
      'd/kernel',
      [2, 1],
      Uint8Array.of(0, 255),
      { quantization: { dtype: 'uint8', scale: 0.5, min: -1, original_dtype: 'float32' } },
    ],
    [-1 + 2 * (255 * 0.5 - 1)],
  ],
  [
    'uint16',
    [
      'd/kernel',
      [2, 1],
      Uint16Array.of(65535, 4),
      { quantization: { dtype: 'uint16', scale: 2, min: 1 } },
    ],
    [65535 * 2 + 1 + 2 * 9],
  ],
])('weights quantized to %s', async (_, weight, wanted) => {
  const loaded = await loadLayersModel(...tfjs([dense('d', 1, 2)], [weight]));
  expect(predicted(loaded)).toEqual(wanted);
  loaded.dispose();
  const [name, shape, , more = {}] = weight;
  const cut: Weight = [name, shape, new Uint8Array(1), more];
  await expectRejection(
    () => loadLayersModel(...tfjs([dense('d', 1, 2)], [cut])),
    FormatError,
    'reaches beyond',
  );
});

test.each<[quantization: unknown, part: string]>([
  [{ dtype: 'uint8', min: 0 }, 'scale'],
  [{ dtype: 'uint8', scale: '1', min: 0 }, 'scale'],
  [{ dtype: 'int4', scale: 1, min: 0 }, 'int4'],
  [{ scale: 1, min: 0 }, 'd/kernel'],
  ['uint8', 'quantization'],
])('quantization %j is refused', async (quantization, part) => {
  const weight: Weight = ['d/kernel', [2, 1], Uint8Array.of(1, 2), { quantization }];
  await expectRejection(
    () => loadLayersModel(...tfjs([dense('d', 1, 2)], [weight])),
    FormatError,
    part,
  );
});

test('arrays of an optimizer, and those nobody asks for, are skipped', async () => {
  const kernel: Weight = ['d/kernel', [2, 1], [2, 3]];
  const texts = Buffer.from([2, 0, 0, 0, 65, 66, 0, 0, 0, 0]);
  const loaded = await loadLayersModel(
    ...tfjs(
      [dense('d', 1, 2)],
      [
        ['words', [2], texts, { dtype: 'string' }],
        ['seed_generator/state', [2], Int32Array.of(1, 2), { dtype: 'int32' }],
        ['flags', [3], Uint8Array.of(1, 0, 1), { dtype: 'bool' }],
        ['Adam/m/d/kernel', [2, 1], [0, 0], { group: 'optimizer' }],
        kernel,
        ['Adam/v/d/kernel', [2, 1], [9, 9]],
        ['d/kernel/m', [2, 1], [9, 9]],
        ['iter', [], Int32Array.of(1), { dtype: 'int32', group: 'optimizer' }],
        ['complex', [1], new Float32Array(2), { dtype: 'complex64' }],
      ],
    ),
  );
  expect(predicted(loaded)).toEqual([8]);
  // But a bias of a layer that has none.
  await expectRejection(
    () => loadLayersModel(...tfjs([dense('d', 1, 2)], [kernel, ['d/bias', [1], [1]]])),
    FormatError,
    'd/bias: is nothing',
  );
  await expectRejection(
    () =>
      loadLayersModel(
        ...tfjs(
          [dense('d', 1, 2)],
          [['d/kernel', [2, 1], Int32Array.of(1, 2), { dtype: 'int32' }]],
        ),
      ),
    FormatError,
    'must be float32, is int32',
  );
});

describe('trainable: false', () => {
  const weights: Weight[] = [
    ['a/kernel', [2, 2], [1, 0, 0, 1]],
    ['b/kernel', [2, 1], [1, 1]],
  ];
  const frozen = { trainable: false, activation: 'relu' };

  test('freezes the layer, with what it becomes here', async () => {
    const layers = [dense('a', 2, 2, frozen), dense('b', 1)];
    const loaded = await loadLayersModel(...tfjs(layers, weights));
    expect(loaded.layers.map(({ type, trainable }) => [type, trainable])).toEqual([
      ['Dense', false],
      ['ReLU', false],
      ['Dense', true],
    ]);
    const model = new Model(loaded.layers, {
      loss: new MSE(),
      optimizer: new SGD({ learningRate: 0.1 }),
    });
    await model.train([[1, 2]], [[5]], { epochs: 3 });
    expect(values(model.layers[0]?.params['weights']?.value as never)).toEqual([1, 0, 0, 1]);
    expect(values(model.layers[2]?.params['weights']?.value as never)).not.toEqual([1, 1]);
    // And it stays so in the package's own file.
    const again = await loadNpz(await saveNpz(model));
    expect(again.layers.map(({ trainable }) => trainable)).toEqual([false, false, true]);
  });

  test('of a model freezes all of its layers', async () => {
    const topology = {
      class_name: 'Sequential',
      config: { name: 's', trainable: false, layers: [dense('a', 2, 2), dense('b', 1)] },
    };
    const loaded = await loadLayersModel(...tfjs([], weights, topology));
    expect(loaded.layers.map(({ trainable }) => trainable)).toEqual([false, false]);
  });
});

describe('inputs and outputs', () => {
  const at = (layer: object, ...from: string[]): object => ({
    ...layer,
    name: (layer as { config: { name: string } }).config.name,
    inbound_nodes: from.map((each) => [[each, 0, 0, {}]]),
  });
  const input = { class_name: 'InputLayer', config: { name: 'in', batch_input_shape: [null, 2] } };
  const layers = [at(input), at(dense('a', 2), 'in'), at(dense('b', 1), 'a')];
  const weights: Weight[] = [
    ['a/kernel', [2, 2], [1, 2, 3, 4]],
    ['b/kernel', [2, 1], [5, 6]],
  ];
  const model = (ends: object): [string, Uint8Array[]] =>
    tfjs([], weights, { class_name: 'Functional', config: { name: 'm', layers, ...ends } });

  test.each([
    { input_layers: [['in', 0, 0]], output_layers: [['b', 0, 0]] },
    { input_layers: ['in', 0, 0], output_layers: ['b', 0, 0] },
    { input_layers: { x: ['in', 0, 0] }, output_layers: { y: ['b', 0, 0] } },
    {},
  ])('one of each, as %j', async (ends) => {
    expect(predicted(await loadLayersModel(...model(ends)))).toEqual([95]);
  });

  test.each([
    {
      output_layers: [
        ['a', 0, 0],
        ['b', 0, 0],
      ],
    },
    { output_layers: { x: ['a', 0, 0], y: ['b', 0, 0] } },
    { output_layers: [['a', 0, 0]] },
    {
      input_layers: [
        ['in', 0, 0],
        ['a', 0, 0],
      ],
    },
    { input_layers: ['a', 0, 0] },
  ])('others are refused: %j', async (ends) => {
    await expectRejection(() => loadLayersModel(...model(ends)), UnsupportedError, 'one output');
  });

  test('a layer that is called with training=True is refused', async () => {
    const called = {
      class_name: 'Dropout',
      name: 'drop',
      config: { name: 'drop' },
      inbound_nodes: [[['b', 0, 0, { training: true }]]],
    };
    const topology = {
      class_name: 'Functional',
      config: { name: 'm', layers: [...layers, called] },
    };
    await expectRejection(
      () => loadLayersModel(...tfjs([], weights, topology)),
      UnsupportedError,
      "'drop'",
      'training=True',
    );
  });

  test('a model within a model has its layers in its place', async () => {
    const inner = {
      class_name: 'Sequential',
      config: { name: 'inner', layers: [dense('a', 2, 2)] },
    };
    const loaded = await loadLayersModel(...tfjs([inner, dense('b', 1)], weights));
    expect(predicted(loaded)).toEqual([95]);
    const functional = {
      class_name: 'Functional',
      config: { name: 'f', layers, output_layers: [['b', 0, 0]] },
    };
    const frozen = { ...functional, config: { ...functional.config, trainable: false } };
    const both = await loadLayersModel(
      ...tfjs([frozen, dense('c', 1)], [...weights, ['c/kernel', [1, 1], [2]]]),
    );
    expect(predicted(both)).toEqual([190]);
    expect(both.layers.map(({ trainable }) => trainable)).toEqual([false, false, true]);
    const twice = tfjs([inner, inner], weights);
    await expectRejection(
      () => loadLayersModel(...twice),
      FormatError,
      'is the name of two layers',
    );
  });

  test('Keras 3 may give the input shape to the model or to the layer', async () => {
    const layer = dense('d', 1);
    const kernel: Weight = ['d/kernel', [2, 1], [2, 3]];
    for (const topology of [
      {
        class_name: 'Sequential',
        config: { name: 's', layers: [layer], build_input_shape: [null, 2] },
      },
      {
        class_name: 'Sequential',
        config: { name: 's', layers: [{ ...layer, build_config: { input_shape: [null, 2] } }] },
      },
    ]) {
      expect(predicted(await loadLayersModel(...tfjs([], [kernel], topology)))).toEqual([8]);
    }
  });
});

test.each([
  ['<f2', new Uint8Array(Uint16Array.of(0x4000, 0x4200).buffer)],
  ['<f8', new Uint8Array(Float64Array.of(2, 3).buffer)],
])('Keras weights of numpy type %s', async (dtype, bytes) => {
  const json = JSON.stringify({
    class_name: 'Sequential',
    config: { name: 's', layers: [dense('d', 1, 2)] },
  });
  const file = zip([{ name: 'arr_0.npy', contents: npy(dtype, [2, 1], bytes) }]);
  expect(predicted(await loadKeras(json, file))).toEqual([8]);
});

describe('safetensors', () => {
  const types: [dtype: string, bytes: Uint8Array, numbers: number[]][] = [
    ['F64', new Uint8Array(Float64Array.of(1.5, -2).buffer), [1.5, -2]],
    ['I64', new Uint8Array(BigInt64Array.of(7n, -(2n ** 40n)).buffer), [7, -(2 ** 40)]],
    ['U64', new Uint8Array(BigUint64Array.of(7n, 2n ** 63n).buffer), [7, 2 ** 63]],
    ['I32', new Uint8Array(Int32Array.of(-5, 3).buffer), [-5, 3]],
    ['U32', new Uint8Array(Uint32Array.of(2 ** 31, 3).buffer), [2 ** 31, 3]],
    ['I16', new Uint8Array(Int16Array.of(-5, 3).buffer), [-5, 3]],
    ['U16', new Uint8Array(Uint16Array.of(65535, 3).buffer), [65535, 3]],
    ['I8', Uint8Array.of(255, 3), [-1, 3]],
    ['U8', Uint8Array.of(255, 3), [255, 3]],
    ['BOOL', Uint8Array.of(1, 0), [1, 0]],
  ];
  const file = (arrays: [name: string, dtype: string, bytes: Uint8Array, shape: number[]][]) => {
    let at = 0;
    const entries = arrays.map(([name, dtype, bytes, shape]) => {
      const data_offsets = [at, (at += bytes.length)];
      return [name, { dtype, shape, data_offsets }];
    });
    const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
    const length = Buffer.alloc(8);
    length.writeUInt32LE(header.length);
    return new Uint8Array(Buffer.concat([length, header, ...arrays.map(([, , bytes]) => bytes)]));
  };
  const weight = new Uint8Array(Float32Array.of(0.5, 1).buffer);

  test.each(types)('%s is left out, or converted when asked for', async (dtype, bytes, numbers) => {
    const both = file([
      ['other', dtype, bytes, [2]],
      ['w', 'F32', weight, [2]],
    ]);
    expect(Array.from((await readSafetensors(both)).keys())).toEqual(['w']);
    const all = await readSafetensors(both, { toFloat32: true });
    expect(Array.from(all.get('other')?.data ?? [])).toEqual(numbers);
    expect(Array.from(all.get('w')?.data ?? [])).toEqual([0.5, 1]);
    const cut = file([['other', dtype, bytes.subarray(1), [2]]]);
    await expectRejection(() => readSafetensors(cut), FormatError, 'other: shape [2] wants');
  });

  test('types that are not known are left out', async () => {
    const all = file([
      ['eight', 'F8_E4M3', Uint8Array.of(1, 2), [2]],
      ['new', 'F4_X', Uint8Array.of(1), [2]],
      ['w', 'BF16', Uint8Array.of(0, 64), [1]],
    ]);
    const read = await readSafetensors(all, { toFloat32: true });
    expect(Array.from(read, ([name, { data }]) => [name, data[0]])).toEqual([['w', 2]]);
    await expectRejection(
      // @ts-expect-error -- no such value
      () => readSafetensors(all, { toFloat32: 1 }),
      ArgumentTypeError,
      'toFloat32',
    );
  });
});

describe('another kind of file or argument is named, with the way to convert it', () => {
  const text = JSON.stringify({ modelTopology: {}, weightsManifest: [] });
  const h5 = Uint8Array.from([
    0x89,
    0x48,
    0x44,
    0x46,
    13,
    10,
    26,
    10,
    ...Array<number>(99).fill(0),
  ]);
  const page = new TextEncoder().encode('<!DOCTYPE html><html><title>404</title></html>');
  const keras = zip([
    { name: 'metadata.json', contents: new Uint8Array(2) },
    { name: 'model.weights.h5', contents: h5 },
  ]);
  const torch = zip([{ name: 'model/data.pkl', contents: new Uint8Array(2) }]);
  const model = (): Model => new Model([new ReLU()], { inputShape: [1] });
  const any = (value: unknown): never => value as never;
  const graph = JSON.stringify({
    format: 'graph-model',
    modelTopology: { node: [] },
    weightsManifest: [],
  });

  test.each<[what: string, load: () => Promise<unknown>, kind: ErrorClass, parts: string[]]>([
    [
      'a graph model',
      () => loadLayersModel(graph, []),
      UnsupportedError,
      ['graph model', 'tfjs_layers_model'],
    ],
    ['a graph model for Keras', () => loadKeras(graph, zip([])), UnsupportedError, ['graph model']],
    ['parsed JSON', () => loadLayersModel(any({}), []), ArgumentTypeError, ['response.text()']],
    ['bytes for text', () => loadLayersModel(any(page), []), ArgumentTypeError, ['TextDecoder']],
    ['a response', () => loadNpz(any(new Response('x'))), ArgumentTypeError, ['arrayBuffer()']],
    ['a promise', () => loadNpz(any(Promise.resolve(h5))), ArgumentTypeError, ['await']],
    [
      'an ArrayBuffer',
      () => loadNpz(any(h5.buffer)),
      ArgumentTypeError,
      ['new Uint8Array(buffer)'],
    ],
    ['a path', () => loadCheckpoint(any('model.npz')), ArgumentTypeError, ['contents']],
    ['a number', () => loadNpz(any(1e12)), ArgumentTypeError, ['Uint8Array']],
    ['nothing', () => readSafetensors(any(undefined)), ArgumentTypeError, ['Uint8Array']],
    ['no shards', () => loadLayersModel(text, any(undefined)), ArgumentTypeError, ['shards']],
    ['a single shard', () => loadLayersModel(text, any(h5)), ArgumentTypeError, ['[bytes]']],
    [
      'shards of another type',
      () => loadLayersModel(text, any([h5.buffer])),
      ArgumentTypeError,
      ['shards[0]'],
    ],
    ['no model', () => saveNpz(any(5)), ArgumentTypeError, ['saveNpz: model']],
    [
      'no model to load into',
      () => loadSafetensors(any({}), new Uint8Array(9)),
      ArgumentTypeError,
      ['loadSafetensors: model'],
    ],
    [
      'Keras’s own JSON',
      () => loadLayersModel('{"class_name":"Sequential","config":{}}', []),
      FormatError,
      ['loadKeras'],
    ],
    ['TensorFlow.js’s JSON', () => loadKeras(text, zip([])), FormatError, ['loadLayersModel']],
    [
      'a web page for JSON',
      () => loadLayersModel('<!doctype html>', []),
      FormatError,
      ['web page'],
    ],
    ['a web page', () => loadNpz(page), FormatError, ['web page']],
    ['an .h5 file', () => loadKeras('{}', h5), FormatError, ['HDF5', 'loadKeras']],
    ['an .h5 file for safetensors', () => loadSafetensors(model(), h5), FormatError, ['HDF5']],
    ['a .keras file', () => loadKeras('{}', keras), FormatError, ['.keras file', 'loadKeras']],
    ['a .keras file for npz', () => loadNpz(keras), FormatError, ['.keras file']],
    ['a PyTorch file', () => loadNpz(torch), FormatError, ['PyTorch', 'safetensors']],
    ['an .npz for safetensors', () => readSafetensors(torch), FormatError, ['zip archive']],
    [
      'a single .npy',
      () => loadKeras('{}', npy('<f4', [1], new Uint8Array(4))),
      FormatError,
      ['savez'],
    ],
    ['an empty file', () => loadNpz(new Uint8Array()), FormatError, []],
  ])('%s', async (_, load, kind, parts) => {
    const error = (await rejection(load)) as Error;
    expect(error).toBeInstanceOf(kind);
    for (const part of parts) expect(error.message).toContain(part);
    expect(error.message.length).toBeLessThanOrEqual(300);
  });
});
