// Models of TensorFlow.js and Keras: the same predictions here as in TensorFlow.js.
import { beforeAll, describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model as functional,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import {
  FormatError,
  init,
  LamellaError,
  loadKeras,
  loadLayersModel,
  type Model,
  type Shape,
  tensor,
  UnsupportedError,
} from 'lamella';
import { type ErrorClass, expectRejection, numbers, rejection, values } from '../support.js';
import { npy, zip } from './archive.js';

beforeAll(async () => {
  // Without its advice to use another backend.
  tf.enableProdMode();
  await init();
});

type TfLayer = Parameters<ReturnType<typeof sequential>['add']>[0];

/** A model of theirs whose numbers are all of its own; variances stay positive. */
function chain(...list: readonly TfLayer[]): LayersModel {
  const model = sequential({ layers: [...list] });
  disturb(model);
  return model;
}

function disturb(model: LayersModel): void {
  model.setWeights(
    model.weights.map(({ name, shape }, i) => {
      const size = shape.reduce<number>((product, dim) => product * (dim ?? 1), 1);
      const all = numbers(size, i + 1).map((x) => (name.includes('variance') ? 1 + x / 2 : x / 2));
      return tf.tensor(all, shape as number[]);
    }),
  );
}

interface Saved {
  readonly json: string;
  readonly bytes: Uint8Array;
}

/** The files that TensorFlow.js saves. */
async function save(model: LayersModel): Promise<Saved> {
  let saved: Saved | undefined;
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      const { modelTopology, weightSpecs, weightData } = artifacts;
      const json = JSON.stringify({
        format: 'layers-model',
        modelTopology,
        weightsManifest: [{ paths: ['https://example.org/weights.bin'], weights: weightSpecs }],
      });
      saved = { json, bytes: new Uint8Array(weightData as ArrayBuffer) };
      return Promise.resolve({
        modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const },
      });
    }),
  );
  if (saved === undefined) throw new Error('nothing was saved');
  return saved;
}

/** The same weights as `numpy.savez(file, *model.get_weights())` writes them, layer by layer. */
function savez(model: LayersModel): Uint8Array {
  const arrays = model.layers.flatMap((layer) => layer.getWeights());
  return zip(
    arrays.map((array, i) => ({
      name: `arr_${i}.npy`,
      contents: npy('<f4', array.shape, new Uint8Array((array.dataSync() as Float32Array).buffer)),
    })),
  );
}

const size = (shape: Shape): number => shape.reduce((product, dim) => product * dim, 1);

/** [n, height, width, channels] to [n, channels, height, width]. */
function channelsFirst(data: Float32Array, shape: Shape): Float32Array {
  const [n = 0, height = 0, width = 0, channels = 0] = shape;
  const result = new Float32Array(data.length);
  for (let i = 0; i < n * height * width; i++)
    for (let c = 0; c < channels; c++) {
      const [image, pixel] = [Math.floor(i / (height * width)), i % (height * width)];
      result[(image * channels + c) * height * width + pixel] = data[i * channels + c] as number;
    }
  return result;
}

function expectSamePredictions(ours: Model, theirs: LayersModel): void {
  const shape = [3, ...(theirs.inputs[0]?.shape.slice(1) as number[])];
  const data = numbers(size(shape), 9);
  const expected = theirs.predict(tf.tensor(data, shape)) as tf.Tensor;
  const toOurs = (flat: Float32Array, from: Shape): Float32Array =>
    from.length === 4 ? channelsFirst(flat, from) : flat;
  const predicted = values(ours.predict(tensor(toOurs(data, shape), [3, ...ours.inputShape])));
  const wanted = toOurs(expected.dataSync() as Float32Array, expected.shape);
  expect(predicted.length).toBe(wanted.length);
  const worst = Math.max(...predicted.map((value, i) => Math.abs(value - (wanted[i] as number))));
  expect(worst).toBeLessThan(1e-4);
  expect(Math.max(...wanted.map(Math.abs))).toBeGreaterThan(1e-2);
}

const image = { inputShape: [9, 8, 4] };
const even = { inputShape: [8, 8, 4] };
const vector = { inputShape: [6] };
const sequence = { inputShape: [5, 6] };
const conv = layers.conv2d;

const cases: [name: string, make: () => TfLayer[]][] = [
  ['Dense', () => [layers.dense({ units: 4, ...vector })]],
  ['Dense without biases', () => [layers.dense({ units: 4, useBias: false, ...vector })]],
  ...(['relu', 'relu6', 'sigmoid', 'tanh', 'softmax', 'swish', 'gelu_new'] as const).map(
    (activation): (typeof cases)[number] => [
      `activation ${activation}`,
      () => [layers.dense({ units: 4, activation, ...vector })],
    ],
  ),
  ['Activation', () => [layers.activation({ activation: 'tanh', ...vector })]],
  ['ReLU', () => [layers.reLU(vector)]],
  [
    'ReLU with a greatest value of 6',
    () => [layers.dense({ units: 4, ...vector }), layers.reLU({ maxValue: 6 })],
  ],
  ['LeakyReLU', () => [layers.leakyReLU({ alpha: 0.2, ...vector })]],
  ['Softmax', () => [layers.softmax(vector)]],
  ['Softmax of channels', () => [layers.activation({ activation: 'softmax', ...image })]],
  [
    'a sequence',
    () => [
      layers.dense({ units: 4, activation: 'softmax', ...sequence }),
      layers.layerNormalization(),
      layers.dense({ units: 3, useBias: false }),
      layers.layerNormalization({ axis: 1 }),
    ],
  ],
  [
    'Reshape of sequences',
    () => [layers.reshape({ targetShape: [10, 3], ...sequence }), layers.dense({ units: 2 })],
  ],
  [
    'Dense and LayerNormalization on images',
    () => [
      layers.dense({ units: 5, activation: 'softmax', ...image }),
      layers.layerNormalization(),
      layers.layerNormalization({ axis: 1 }),
      layers.layerNormalization({ axis: 2 }),
    ],
  ],
  ['Conv2D', () => [conv({ filters: 5, kernelSize: 3, ...image })]],
  ['Conv2D without biases', () => [conv({ filters: 5, kernelSize: 3, useBias: false, ...image })]],
  ['stride', () => [conv({ filters: 5, kernelSize: 2, strides: 2, ...image })]],
  ['dilation', () => [conv({ filters: 5, kernelSize: 3, dilationRate: 2, ...image })]],
  ["'same'", () => [conv({ filters: 5, kernelSize: 3, padding: 'same', ...image })]],
  ["'same', even kernel", () => [conv({ filters: 5, kernelSize: 4, padding: 'same', ...image })]],
  [
    "'same', stride 2, which pads the end alone",
    () => [conv({ filters: 5, kernelSize: 3, strides: 2, padding: 'same', ...even })],
  ],
  [
    "'same', stride 3",
    () => [conv({ filters: 5, kernelSize: 5, strides: 3, padding: 'same', ...even })],
  ],
  [
    "'same', dilation",
    () => [conv({ filters: 5, kernelSize: 3, dilationRate: 2, padding: 'same', ...image })],
  ],
  [
    'DepthwiseConv2D',
    () => [
      layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same', ...image }),
    ],
  ],
  ['a rectangular kernel', () => [conv({ filters: 5, kernelSize: [1, 4], ...image })]],
  [
    'other strides, rectangular',
    () => [conv({ filters: 3, kernelSize: [3, 2], strides: [1, 3], padding: 'same', ...image })],
  ],
  [
    'other dilations',
    () => [conv({ filters: 3, kernelSize: 3, dilationRate: [1, 2], padding: 'same', ...image })],
  ],
  [
    "'same', a kernel smaller than its stride",
    () => [conv({ filters: 5, kernelSize: 1, strides: 3, padding: 'same', ...image })],
  ],
  [
    "'same' on rows that pad otherwise than columns",
    () => [conv({ filters: 5, kernelSize: 3, strides: 2, padding: 'same', ...image })],
  ],
  ['BatchNormalization', () => [layers.batchNormalization(vector)]],
  ['BatchNormalization of images', () => [layers.batchNormalization({ epsilon: 0.1, ...image })]],
  [
    'BatchNormalization without scale and shift',
    () => [layers.batchNormalization({ scale: false, center: false, ...image })],
  ],
  ['LayerNormalization', () => [layers.layerNormalization({ ...vector })]],
  ['Dropout', () => [layers.dropout({ rate: 0.4, ...vector })]],
  ['MaxPooling2D', () => [layers.maxPooling2d({ poolSize: 3, strides: 2, ...image })]],
  ['AveragePooling2D', () => [layers.averagePooling2d({ poolSize: 2, ...image })]],
  [
    "MaxPooling2D 'same' that adds nothing",
    () => [layers.maxPooling2d({ poolSize: 2, padding: 'same', ...even })],
  ],
  ["MaxPooling2D 'same'", () => [layers.maxPooling2d({ poolSize: 3, padding: 'same', ...image })]],
  [
    "AveragePooling2D 'same', whose zeros do not count",
    () => [layers.averagePooling2d({ poolSize: [3, 2], strides: 2, padding: 'same', ...image })],
  ],
  [
    "AveragePooling2D 'same', stride 1",
    () => [layers.averagePooling2d({ poolSize: 4, strides: 1, padding: 'same', ...image })],
  ],
  [
    'a rectangular pool',
    () => [layers.maxPooling2d({ poolSize: [1, 3], strides: [2, 1], ...image })],
  ],
  ['GlobalAveragePooling2D', () => [layers.globalAveragePooling2d({ ...image })]],
  ['Flatten, Dense', () => [layers.flatten(image), layers.dense({ units: 4 })]],
  [
    'Flatten, normalized before Dense',
    () => [
      layers.flatten(image),
      layers.batchNormalization(),
      layers.layerNormalization(),
      layers.dense({ units: 4 }),
    ],
  ],
  [
    'Reshape',
    () => [
      layers.reshape({ targetShape: [3, 2, 1], ...vector }),
      conv({ filters: 2, kernelSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 2 }),
    ],
  ],
  [
    'a convolutional network',
    () => [
      conv({
        filters: 6,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        inputShape: [12, 12, 3],
      }),
      layers.batchNormalization(),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same' }),
      layers.leakyReLU(),
      layers.flatten(),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 8, activation: 'swish' }),
      layers.dense({ units: 5, activation: 'softmax' }),
    ],
  ],
];

describe.each(cases)('%s', (_, make) => {
  test('predicts as in TensorFlow.js', async () => {
    const theirs = chain(...make());
    const { json, bytes } = await save(theirs);
    expectSamePredictions(await loadLayersModel(json, [bytes]), theirs);
  });

  test('and from to_json() and get_weights()', async () => {
    const theirs = chain(...make());
    expectSamePredictions(
      await loadKeras(theirs.toJSON(null, true) as string, savez(theirs)),
      theirs,
    );
  });
});

test('channels_first, which TensorFlow.js does not run: the same model with another JSON', async () => {
  const theirs = chain(
    conv({ filters: 3, kernelSize: 3, activation: 'relu', ...image }),
    layers.batchNormalization(),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten({ name: 'flat', dataFormat: 'channelsLast' }),
    layers.dense({ units: 4 }),
  );
  const json = (theirs.toJSON(null, true) as string)
    .replaceAll('channels_last', 'channels_first')
    .replace('[null,9,8,4]', '[null,4,9,8]')
    .replace('"axis":-1', '"axis":1');
  // A Flatten that is told that channels come first puts them last.
  expectSamePredictions(await loadKeras(json, savez(theirs)), theirs);
  // One that is not leaves the order, and the same weights mean something else.
  const told = '"data_format":"channels_first","name":"flat"';
  expect(json).toContain(told);
  const other = await loadKeras(json.replace(told, '"name":"flat"'), savez(theirs));
  expect(() => expectSamePredictions(other, theirs)).toThrow();
});

test('channels_first: Keras works along the last axis, which is that of columns', async () => {
  const theirs = chain(
    conv({ filters: 3, kernelSize: 1, ...image }),
    layers.dense({ units: 5, activation: 'softmax' }),
  );
  const json = (theirs.toJSON(null, true) as string)
    .replaceAll('channels_last', 'channels_first')
    .replace('[null,9,8,4]', '[null,4,9,3]');
  const { layers: own, outputShape } = await loadKeras(json, savez(theirs));
  expect(outputShape).toEqual([3, 9, 5]);
  expect(own.map((layer) => layer.getConfig()['axis'])).toEqual([undefined, 2, 2]);
});

test('Softmax along an axis that TensorFlow.js lists and does not run', async () => {
  const axes = async (inputShape: number[]): Promise<unknown[]> =>
    Promise.all(
      inputShape.map(async (_, i) => {
        const theirs = chain(layers.softmax({ axis: i + 1, inputShape }));
        const { json, bytes } = await save(theirs);
        const { layers: own } = await loadLayersModel(json, [bytes]);
        return own[0]?.getConfig()['axis'];
      }),
    );
  expect(await axes([5, 6])).toEqual([0, undefined]);
  // [height, width, channels] are [channels, height, width] here.
  expect(await axes([9, 8, 4])).toEqual([1, 2, undefined]);
});

test('an axis that lamella has not is refused', async () => {
  const theirs = chain(layers.layerNormalization({ ...sequence }));
  const json = theirs.toJSON(null, true) as string;
  for (const axis of ['[1,2]', '0', '[]']) {
    await expectRejection(
      () => loadKeras(json.replace('"axis":[2]', `"axis":${axis}`), savez(theirs)),
      UnsupportedError,
      'LayerNormalization',
      'axis must be a single one',
    );
  }
});

/** Keras 3's own JSON, shortened to what a chain needs, for a functional and a Sequential model. */
function keras3(kind: 'Functional' | 'Sequential'): string {
  const dtype = {
    module: 'keras',
    class_name: 'DTypePolicy',
    config: { name: 'float32' },
    registered_name: null,
  };
  const listed = (class_name: string, name: string, config: object, from?: string): object => ({
    module: 'keras.layers',
    class_name,
    config: { name, trainable: true, dtype, ...config },
    registered_name: null,
    ...(kind === 'Functional' && {
      name,
      inbound_nodes: from
        ? [
            {
              args: [
                {
                  class_name: '__keras_tensor__',
                  config: { shape: [null, 6, 6, 2], dtype: 'float32', keras_history: [from, 0, 0] },
                },
              ],
              kwargs: {},
            },
          ]
        : [],
    }),
  });
  const config = {
    filters: 3,
    kernel_size: [3, 3],
    strides: [2, 2],
    padding: 'same',
    data_format: 'channels_last',
    dilation_rate: [1, 1],
    groups: 1,
    activation: 'relu',
    use_bias: true,
  };
  return JSON.stringify({
    module: 'keras',
    class_name: kind,
    config: {
      name: 'model',
      trainable: true,
      dtype,
      layers: [
        listed('InputLayer', 'input_layer', { batch_shape: [null, 6, 6, 2], dtype: 'float32' }),
        listed('Conv2D', 'conv2d', config, 'input_layer'),
        listed('BatchNormalization', 'bn', { axis: -1, momentum: 0.99, epsilon: 0.001 }, 'conv2d'),
        listed('Flatten', 'flatten', { data_format: 'channels_last' }, 'bn'),
        listed('Dense', 'dense', { units: 2, activation: 'linear', use_bias: true }, 'flatten'),
      ],
      ...(kind === 'Functional' && {
        input_layers: [['input_layer', 0, 0]],
        output_layers: [['dense', 0, 0]],
      }),
    },
    registered_name: kind,
  });
}

test.each(['Functional', 'Sequential'] as const)('%s as Keras 3 writes it', async (kind) => {
  const theirs = chain(
    conv({
      filters: 3,
      kernelSize: 3,
      strides: 2,
      padding: 'same',
      activation: 'relu',
      inputShape: [6, 6, 2],
    }),
    layers.batchNormalization(),
    layers.flatten(),
    layers.dense({ units: 2 }),
  );
  expectSamePredictions(await loadKeras(keras3(kind), savez(theirs)), theirs);
});

test('a functional model that is a chain', async () => {
  const start = input({ shape: [6] });
  const hidden = layers.dense({ units: 4, activation: 'relu' }).apply(start) as SymbolicTensor;
  const end = layers.dense({ units: 2 }).apply(hidden) as SymbolicTensor;
  const theirs = functional({ inputs: start, outputs: end });
  disturb(theirs);
  const { json, bytes } = await save(theirs);
  expectSamePredictions(
    await loadLayersModel(json, [bytes.subarray(0, 10), bytes.subarray(10)]),
    theirs,
  );
});

describe('what cannot be read', () => {
  let saved: Saved;
  beforeAll(async () => {
    saved = await save(
      chain(
        conv({ filters: 2, kernelSize: 3, inputShape: [4, 4, 1], name: 'conv' }),
        layers.flatten({ name: 'flat' }),
        layers.dense({ units: 3, name: 'last' }),
      ),
    );
  });

  async function expectRefused(
    load: () => unknown,
    kind: ErrorClass,
    ...parts: readonly string[]
  ): Promise<void> {
    const error = await rejection(load);
    expect(error).toBeInstanceOf(kind);
    expect(error).toBeInstanceOf(LamellaError);
    for (const part of parts) expect((error as Error).message).toContain(part);
  }

  const changed = (from: string | RegExp, to: string): string => {
    const json = saved.json.replace(from, to);
    expect(json).not.toBe(saved.json);
    return json;
  };

  test('weights that are cut, missing, of another shape or type, or too many', async () => {
    const { json, bytes } = saved;
    const refused = (text: string, ...parts: string[]): Promise<void> =>
      expectRefused(() => loadLayersModel(text, [bytes]), FormatError, ...parts);
    for (let length = 0; length < bytes.length; length += 7) {
      await expectRefused(
        () => loadLayersModel(json, [bytes.subarray(0, length)]),
        FormatError,
        'reaches beyond',
      );
    }
    await expectRefused(() => loadLayersModel(json, [bytes, bytes]), FormatError, 'weights: are ');
    await refused(changed('"last/kernel"', '"lost/kernel"'), 'last/kernel: is missing');
    await refused(changed('"last/bias"', '"last/kernel"'), 'last/kernel: is there twice');
    await refused(changed('[8,3]', '[3,8]'), 'last/kernel: should have shape [8, 3], has [3, 8]');
    await refused(changed('[8,3]', '[8,-3]'), 'last/kernel: ');
    await refused(changed('[8,3]', '[8e9,9e9]'), 'last/kernel: ');
    await refused(changed(/"dtype":"float32"(}]}]})/, '"dtype":"int32"$1'), 'must be float32');
    await refused(changed('"use_bias":true', '"use_bias":false'), 'conv/bias: is nothing');
  });

  test('settings that are absurd', async () => {
    const { bytes } = saved;
    const refused = (text: string, ...parts: string[]): Promise<void> =>
      expectRefused(() => loadLayersModel(text, [bytes]), LamellaError, ...parts);
    await refused(changed('"units":3', '"units":1e15'), 'last/kernel');
    await refused(changed('"units":3', '"units":{}'), 'last: units: ');
    await refused(changed('"filters":2', '"filters":0'), 'conv: filters: ');
    await refused(changed('[null,4,4,1]', '[null,1e8,1e8,1]'), '');
    await refused(changed('[null,4,4,1]', '[null,4,4]'), "'conv' (Conv2D): wants images");
    await refused(changed('[null,4,4,1]', '[null,null,4,1]'), 'conv: batch_shape: ');
    await refused(changed('"kernel_size":[3,3]', '"kernel_size":[3,0]'), 'two sizes');
    await refused(changed('"kernel_size":[3,3]', '"kernel_size":[3,2]'), 'conv/kernel: should');
    await refused(changed('"name":"flat"', '"name":"last"'), 'last: is the name of two layers');
    await refused(changed('"class_name":"Sequential"', '"class_name":"Lambda"'), 'Lambda');
    await refused('{', 'model.json: is not JSON');
    await refused('{}', 'weightsManifest: ');
  });

  test('what lamella has not, by the name of the layer', async () => {
    const refused = (text: string, ...parts: string[]): Promise<void> =>
      expectRefused(() => loadLayersModel(text, [saved.bytes]), UnsupportedError, ...parts);
    await refused(changed('"class_name":"Flatten"', '"class_name":"Lambda"'), "'flat' (Lambda)");
    await refused(
      changed('"class_name":"Flatten"', '"class_name":"toString"'),
      "'flat' (toString)",
    );
    await refused(changed('"activation":"linear"', '"activation":"gelu"'), "'conv'", 'exact');
    await refused(changed('"padding":"valid"', '"padding":"causal"'), "'conv'", 'valid or same');
    const { json, bytes } = await save(
      chain(layers.flatten({ inputShape: [2, 2, 2], name: 'end' })),
    );
    await expectRefused(() => loadLayersModel(json, [bytes]), UnsupportedError, "'end'");
  });

  test('a model that branches, by the layer where it does', async () => {
    const start = input({ shape: [3], name: 'start' });
    const hidden = layers.dense({ units: 3, name: 'hidden' }).apply(start) as SymbolicTensor;
    const sum = layers.add({ name: 'sum' }).apply([start, hidden]) as SymbolicTensor;
    const { json, bytes } = await save(functional({ inputs: start, outputs: sum }));
    await expectRefused(() => loadLayersModel(json, [bytes]), UnsupportedError, "'sum'", 'chain');
  });

  test('a changed character is found, or makes another model', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(saved.json.length - 1),
        fc.constantFrom('0', '9', '-', '[', ']', '{', '}', ',', ':', '"', 'e'),
        async (at, character) => {
          const json = saved.json.slice(0, at) + character + saved.json.slice(at + 1);
          try {
            (await loadLayersModel(json, [saved.bytes])).dispose();
          } catch (error) {
            expect(error).toBeInstanceOf(LamellaError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('an .npz that does not hold the weights', async () => {
    const theirs = chain(layers.dense({ units: 2, name: 'd', ...vector }));
    const json = theirs.toJSON(null, true) as string;
    const array = (name: string, shape: number[]) => ({
      name,
      contents: npy('<f4', shape, new Uint8Array(4 * size(shape))),
    });
    const kernel = array('arr_0.npy', [6, 2]);
    const refused = (files: Parameters<typeof zip>[0], part: string): Promise<void> =>
      expectRefused(() => loadKeras(json, zip(files)), FormatError, part);
    await refused([kernel], "arr_1: is missing: the bias of 'd'");
    await refused([array('arr_0.npy', [2, 6]), array('arr_1.npy', [2])], 'arr_0: should have');
    await refused(
      [kernel, array('arr_1.npy', [2]), array('arr_2.npy', [2])],
      'arr_2.npy: is nothing',
    );
    await expectRefused(() => loadKeras(json, new Uint8Array(50)), FormatError);
  });
});
