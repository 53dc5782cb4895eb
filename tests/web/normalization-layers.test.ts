// Normalizations and ParametricReLU of lamella/graph: Keras's numbers (scripts/judges/
// normalization_layers.py), options, files, ONNX and Keras models.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Adam,
  type Config,
  Convolutional,
  Dense,
  exportOnnx,
  Flatten,
  GroupNormalization,
  init,
  type Layer,
  type LayerConfig,
  layerFromConfig,
  layerToConfig,
  loadKeras,
  loadLayersModel,
  loadNpz,
  loadSafetensors,
  Model,
  MSE,
  Normalization,
  ParametricReLU,
  RMSNormalization,
  saveNpz,
  saveSafetensors,
  type Shape,
  type Tensor,
  tensor,
  UnsupportedError,
} from 'lamella/graph';
import { env, InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-web';
import { expectRejection, noise, numbers, values } from './support.js';

interface LayerCase {
  readonly type: string;
  readonly options: Config;
  readonly shape: Shape;
  readonly params: Readonly<Record<string, readonly number[]>>;
  readonly input: readonly number[];
  readonly outputGradient: readonly number[];
  readonly output: readonly number[];
  readonly inputGradient: readonly number[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

interface AdaptedCase {
  readonly options: Config;
  readonly shape: Shape;
  readonly data: readonly number[];
  readonly mean: readonly number[];
  readonly variance: readonly number[];
  readonly output: readonly number[];
}

interface ModelCase {
  readonly json: string;
  readonly npz: string;
  readonly weights: readonly unknown[];
  readonly bytes: string;
  readonly shape: Shape;
  readonly input: readonly number[];
  readonly output: readonly number[];
}

const judged = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/judges/normalization.json'), 'utf8'),
) as { layers: LayerCase[]; adapted: AdaptedCase[]; models: ModelCase[] };

beforeAll(async () => {
  await init();
  // Threads would outlive the tests.
  env.wasm.numThreads = 1;
});

/** Expects numbers as near as float32 sums of that magnitude get. */
function expectClose(got: Tensor | readonly number[], wanted: readonly number[]): void {
  const own = 'view' in got ? values(got) : got;
  expect(own.length).toBe(wanted.length);
  const scale = Math.max(1, ...wanted.map(Math.abs));
  const worst = Math.max(...own.map((value, i) => Math.abs(value - (wanted[i] as number))));
  expect(worst).toBeLessThan(4e-6 * scale);
}

const titled = judged.layers.map((each): [string, LayerCase] => [
  `${each.type} ${JSON.stringify(each.options)} of [${each.shape.join(', ')}]`,
  each,
]);

describe.each(titled)('%s', (_, { type, options, shape, params, ...wanted }) => {
  test('gives the output and the gradients that Keras gives', () => {
    const layer = layerFromConfig({ type, ...options });
    layer.build(shape.slice(1));
    const own = layer.params;
    expect(Object.keys(own)).toEqual(Object.keys(params));
    for (const [name, { value, decays }] of Object.entries(own)) {
      value.set(params[name] as number[]);
      expect(decays).toBe(false);
    }
    for (const training of [false, true]) {
      expectClose(layer.forward(tensor([...wanted.input], shape), training), wanted.output);
      const inputGradient = layer.backward(tensor([...wanted.outputGradient], shape));
      expectClose(inputGradient, wanted.inputGradient);
      for (const [name, { gradient }] of Object.entries(layer.params)) {
        expectClose(gradient, wanted.gradients[name] as number[]);
      }
    }
  });
});

test.each(judged.adapted)('adapt() of $shape along $options as Keras does it', (wanted) => {
  const { options, shape, data } = wanted;
  const layer = new Normalization(options);
  const x = tensor([...data], shape);
  layer.adapt(x);
  expect(layer.inputShape).toEqual(shape.slice(1));
  expectClose(layer.mean, wanted.mean);
  expectClose(layer.variance, wanted.variance);
  expectClose(layer.forward(x), wanted.output);
});

const loaders: [name: string, load: (model: ModelCase, json?: string) => Promise<Model>][] = [
  [
    'loadKeras',
    ({ json, npz }, own = json): Promise<Model> => loadKeras(own, Buffer.from(npz, 'base64')),
  ],
  [
    'loadLayersModel',
    ({ json, weights, bytes }, own = json): Promise<Model> =>
      loadLayersModel(
        JSON.stringify({
          format: 'layers-model',
          modelTopology: JSON.parse(own) as unknown,
          weightsManifest: [{ paths: ['weights.bin'], weights }],
        }),
        [Buffer.from(bytes, 'base64')],
      ),
  ],
];
const loadings = loaders.flatMap(([name, load]) =>
  judged.models.map((model): [string, string, typeof load, ModelCase] => [
    name,
    model.shape.join(', '),
    load,
    model,
  ]),
);

test.each(loadings)('%s: a model of samples [%s]', async (_, __, load, wanted) => {
  const model = await load(wanted);
  const [count = 0, ...sample] = wanted.shape;
  const isImage = sample.length === 3;
  const channels = sample.at(-1) as number;
  const places = sample.slice(0, -1).reduce((product, dim) => product * dim, 1);
  /** Images are [channels, height, width] here. */
  const swapped = (list: readonly number[], rows: number, columns: number): number[] =>
    list.flatMap((_, i) => {
      const [n, rest] = [Math.floor(i / (rows * columns)), i % (rows * columns)];
      const [column, row] = [Math.floor(rest / rows), rest % rows];
      return [list[n * rows * columns + row * columns + column] as number];
    });
  const x = isImage ? swapped(wanted.input, places, channels) : [...wanted.input];
  const y = values(model.predict(tensor(x, [count, ...model.inputShape])));
  const ordered = model.outputShape.length === 3 ? swapped(y, channels, places) : y;
  expectClose(ordered, wanted.output);
});

describe('Keras models that cannot be', () => {
  const model = judged.models[0] as ModelCase;
  const changes: [name: string, from: string, to: string, problem: string][] = [
    ['slopes for each pixel', '"shared_axes": [1, 2]', '"shared_axes": null', 'shared_axes'],
    ['slopes for each row', '"shared_axes": [1, 2]', '"shared_axes": [2]', 'shared_axes'],
    ['inverted', '"invert": false', '"invert": true', 'invert'],
    ['without a scale', '"scale": true', '"scale": false', 'scale'],
    ['without a shift', '"center": true', '"center": false', 'center'],
    ['RMS of rows', '"axis": [-1], "epsilon": 1e-06', '"axis": [1], "epsilon": 1e-06', 'axis'],
    ['one mean for all', '"axis": [-1], "invert"', '"axis": [], "invert"', 'axis'],
  ];
  test.each(changes)('%s', async (_, from, to, problem) => {
    expect(model.json).toContain(from);
    const changed = model.json.replace(from, to);
    await expectRejection(
      () => loadKeras(changed, Buffer.from(model.npz, 'base64')),
      UnsupportedError,
      problem,
    );
  });
});

const image = [6, 4, 3];
const sequence = [5, 8];

type Made = [name: string, make: () => Layer, inputShape: Shape, config: LayerConfig];

const cases: Made[] = [
  [
    'GroupNormalization',
    () => new GroupNormalization(),
    [64, 2, 2],
    { type: 'GroupNormalization', groups: 32, epsilon: 1e-3 },
  ],
  [
    'GroupNormalization of images',
    () => new GroupNormalization({ groups: 3, epsilon: 0.1 }),
    image,
    { type: 'GroupNormalization', groups: 3, epsilon: 0.1 },
  ],
  [
    'GroupNormalization of sequences',
    () => new GroupNormalization({ groups: 2 }),
    sequence,
    { type: 'GroupNormalization', groups: 2, epsilon: 1e-3 },
  ],
  [
    'GroupNormalization along rows',
    () => new GroupNormalization({ groups: 2, axis: 1 }),
    image,
    { type: 'GroupNormalization', groups: 2, epsilon: 1e-3, axis: 1 },
  ],
  [
    'GroupNormalization of vectors',
    () => new GroupNormalization({ groups: 4 }),
    [8],
    { type: 'GroupNormalization', groups: 4, epsilon: 1e-3 },
  ],
  [
    'RMSNormalization',
    () => new RMSNormalization(),
    image,
    { type: 'RMSNormalization', epsilon: 1e-6 },
  ],
  [
    'RMSNormalization of each step',
    () => new RMSNormalization({ axis: -1, epsilon: 0.1 }),
    sequence,
    { type: 'RMSNormalization', epsilon: 0.1, axis: -1 },
  ],
  [
    'RMSNormalization of each pixel',
    () => new RMSNormalization({ axis: 0 }),
    image,
    { type: 'RMSNormalization', epsilon: 1e-6, axis: 0 },
  ],
  ['Normalization', () => new Normalization(), image, { type: 'Normalization' }],
  [
    'Normalization with numbers',
    () => new Normalization({ mean: [1, 2, 3, 4, 5, 6, 7, 8], variance: 4 }),
    sequence,
    { type: 'Normalization', mean: [1, 2, 3, 4, 5, 6, 7, 8], variance: 4 },
  ],
  [
    'Normalization along rows',
    () => new Normalization({ axis: -2, mean: -1, variance: [1, 0, 2, 3] }),
    image,
    { type: 'Normalization', axis: -2, mean: -1, variance: [1, 0, 2, 3] },
  ],
  [
    'ParametricReLU',
    () => new ParametricReLU(),
    image,
    { type: 'ParametricReLU', initialAlpha: 0.25 },
  ],
  [
    'ParametricReLU of steps',
    () => new ParametricReLU({ axis: 0, initialAlpha: -0.5 }),
    sequence,
    { type: 'ParametricReLU', initialAlpha: -0.5, axis: 0 },
  ],
];

/** Other numbers than those that layers begin with; variances stay positive. */
function disturb(layer: Layer): void {
  for (const { value } of Object.values(layer.params)) value.set(numbers(value.size, 3));
  for (const value of Object.values(layer.state)) {
    value.set(numbers(value.size, 4).map((number) => 1 + number / 2));
  }
}

/** Between layers that learn; trained for some steps. */
function trained(make: () => Layer, inputShape: Shape, seed = 2): Model {
  const layers = [make(), ...(inputShape.length > 1 ? [new Flatten()] : []), new Dense(2)];
  const model = new Model(layers, { inputShape, loss: new MSE(), optimizer: new Adam(), seed });
  disturb(layers[0] as Layer);
  for (let step = 0; step < 3; step++) {
    model.trainBatch(noise([4, ...inputShape], step), noise([4, 2], 9));
  }
  return model;
}

describe.each(cases)('%s', (_, make, inputShape, config) => {
  test('comes back from its configuration', () => {
    const layer = make();
    expect(layer.getConfig()).toEqual(config);
    const again = layerFromConfig(layerToConfig(layer));
    expect(again.getConfig()).toEqual(config);
    expect(again).toBeInstanceOf(layer.constructor);
    again.build(inputShape);
    expect(again.outputShape).toEqual(inputShape);
    expect(layerFromConfig({ ...config, inputShape }).getConfig()).toEqual({
      ...config,
      inputShape,
    });
  });

  test('comes back from files, with what it learned', async () => {
    const model = trained(make, inputShape);
    const x = noise([3, ...inputShape], 7);
    const wanted = values(model.predict(x));
    expect(wanted.every(Number.isFinite)).toBe(true);
    const npz = await loadNpz(await saveNpz(model));
    expect(values(npz.predict(x))).toEqual(wanted);
    const other = trained(make, inputShape, 8);
    expect(values(other.predict(x))).not.toEqual(wanted);
    await loadSafetensors(other, await saveSafetensors(model));
    expect(values(other.predict(x))).toEqual(wanted);
  });

  test('is exported to ONNX', async () => {
    const model = trained(make, inputShape);
    const bytes = await exportOnnx(model);
    const session = await InferenceSession.create(bytes, { executionProviders: ['wasm'] });
    for (const count of [1, 5]) {
      const x = noise([count, ...inputShape], 5);
      const feeds = { input: new OnnxTensor('float32', x.toArray(), x.shape) };
      const { output } = await session.run(feeds);
      const theirs = Array.from(output?.data as Float32Array);
      const worst = values(model.predict(x)).map((v, i) => Math.abs(v - (theirs[i] as number)));
      expect(Math.max(...worst)).toBeLessThan(1e-4);
    }
    await session.release();
  });

  test('NaN stays NaN', () => {
    const layer = make();
    layer.build(inputShape);
    const x = noise([2, ...inputShape]);
    x.view()[0] = NaN;
    const y = layer.forward(x);
    expect(values(y)[0]).toBeNaN();
    // Of the first sample alone.
    expect(
      values(y)
        .slice(x.size / 2)
        .every(Number.isFinite),
    ).toBe(true);
  });
});

test('they learn in a network of images', () => {
  const model = new Model(
    [
      new Normalization({ mean: 0.1, variance: 0.5 }),
      new Convolutional(8, 3, { padding: 'same' }),
      new GroupNormalization({ groups: 2 }),
      new ParametricReLU(),
      new RMSNormalization({ axis: 0 }),
      new Flatten(),
      new Dense(2),
    ],
    { inputShape: image, loss: new MSE(), optimizer: new Adam({ learningRate: 0.01 }), seed: 4 },
  );
  const [x, y] = [noise([16, ...image], 1), noise([16, 2], 2)];
  const losses = Array.from({ length: 60 }, () => model.trainBatch(x, y).loss);
  expect(losses.at(-1)).toBeLessThan(0.1 * (losses[0] as number));
  const slopes = values((model.layers[3] as ParametricReLU).alpha);
  expect(slopes.some((slope) => Math.abs(slope - 0.25) > 0.01)).toBe(true);
});
