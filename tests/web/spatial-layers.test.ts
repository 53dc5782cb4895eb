// The layers over images of lamella/graph: Keras's numbers, files, ONNX, and what they refuse.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Adam,
  ArgumentTypeError,
  BatchNormalization2D,
  type Config,
  Conv2DTranspose,
  Cropping2D,
  DepthwiseConv2D,
  exportOnnx,
  init,
  type Layer,
  layerFromConfig,
  loadNpz,
  loadSafetensors,
  Model,
  MSE,
  ReLU,
  Resizing,
  saveNpz,
  saveSafetensors,
  SeparableConv2D,
  type Shape,
  ShapeError,
  tensor,
  UpSampling2D,
  ValueError,
  ZeroPadding2D,
} from 'lamella/graph';
import { env, InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-web';
import { expectError, noise, numbers, values } from './support.js';

beforeAll(async () => {
  await init();
  // Threads would outlive the tests.
  env.wasm.numThreads = 1;
});

const sizeOf = (shape: Shape): number => shape.reduce((product, dim) => product * dim, 1);
const samples = (count: number, shape: Shape, seed?: number) =>
  tensor(numbers(count * sizeOf(shape), seed), [count, ...shape]);

function expectClose(got: readonly number[], wanted: readonly number[], tolerance = 1e-5): void {
  expect(got.length).toBe(wanted.length);
  const worst = Math.max(...got.map((value, i) => Math.abs(value - (wanted[i] as number))));
  expect(worst).toBeLessThan(tolerance);
}

interface JudgesCase {
  readonly type: string;
  readonly arguments: Config;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly output: readonly number[];
  readonly inputGradient: readonly number[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

const { cases } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/judges/spatial.json'), 'utf8'),
) as { cases: readonly JudgesCase[] };

describe('Keras', () => {
  test.each(cases.map((each) => [`${each.type} ${JSON.stringify(each.arguments)}`, each] as const))(
    '%s',
    (_, { type, arguments: given, inputShape, ...wanted }) => {
      const layer = layerFromConfig({ type, ...given });
      layer.build(inputShape);
      expect(layer.outputShape).toEqual(wanted.outputShape);
      Object.values(layer.params).forEach(({ value }, i) => {
        value.set(numbers(value.size, 3 + i));
      });
      expectClose(values(layer.forward(samples(2, inputShape))), wanted.output);
      const gradient = samples(2, wanted.outputShape, 2);
      expectClose(values(layer.backward(gradient)), wanted.inputGradient);
      expect(Object.keys(layer.params)).toEqual(Object.keys(wanted.gradients));
      for (const [name, own] of Object.entries(layer.params)) {
        expectClose(values(own.gradient), wanted.gradients[name] as readonly number[], 2e-5);
      }
    },
  );
});

type Case = [name: string, make: () => Layer, config: Config];
const weighted = { initialization: 'auto', noBias: false };

const layerCases: Case[] = [
  ['ZeroPadding2D', () => new ZeroPadding2D(), { padding: 1 }],
  // prettier-ignore
  ['ZeroPadding2D of sides', () => new ZeroPadding2D([[0, 1], [2, 3]]), { padding: [[0, 1], [2, 3]] }],
  // prettier-ignore
  ['ZeroPadding2D of axes', () => new ZeroPadding2D([0, 2]), { padding: [[0, 0], [2, 2]] }],
  ['Cropping2D', () => new Cropping2D(), { cropping: 0 }],
  // prettier-ignore
  ['Cropping2D of sides', () => new Cropping2D([[0, 1], [2, 3]]), { cropping: [[0, 1], [2, 3]] }],
  ['UpSampling2D', () => new UpSampling2D(), { size: 2, interpolation: 'nearest' }],
  [
    'UpSampling2D, bilinear',
    () => new UpSampling2D([3, 2], { interpolation: 'bilinear' }),
    { size: [3, 2], interpolation: 'bilinear' },
  ],
  ['Resizing', () => new Resizing(4, 11), { height: 4, width: 11, interpolation: 'bilinear' }],
  [
    'Resizing, nearest, on edges of pixels',
    () => new Resizing(3, 6, { interpolation: 'nearest' }),
    { height: 3, width: 6, interpolation: 'nearest' },
  ],
  [
    'DepthwiseConv2D',
    () => new DepthwiseConv2D(3),
    { kernelSize: 3, stride: 1, padding: 'valid', ...weighted, depthMultiplier: 1 },
  ],
  [
    'DepthwiseConv2D with options',
    () =>
      new DepthwiseConv2D([2, 3], {
        depthMultiplier: 2,
        stride: [2, 1],
        padding: 'same-upper',
        noBias: true,
        initialization: 'he',
      }),
    {
      kernelSize: [2, 3],
      stride: [2, 1],
      padding: 'same-upper',
      initialization: 'he',
      noBias: true,
      depthMultiplier: 2,
    },
  ],
  [
    'SeparableConv2D',
    () => new SeparableConv2D(5, 3),
    { outputDepth: 5, kernelSize: 3, stride: 1, padding: 'valid', ...weighted, depthMultiplier: 1 },
  ],
  [
    'SeparableConv2D with options',
    () => new SeparableConv2D(5, 3, { depthMultiplier: 2, dilation: 2, padding: 2, noBias: true }),
    {
      outputDepth: 5,
      kernelSize: 3,
      stride: 1,
      padding: 2,
      dilation: 2,
      initialization: 'auto',
      noBias: true,
      depthMultiplier: 2,
    },
  ],
  [
    'Conv2DTranspose',
    () => new Conv2DTranspose(5, 3),
    { outputDepth: 5, kernelSize: 3, stride: 1, padding: 'valid', ...weighted },
  ],
  [
    "Conv2DTranspose, 'same'",
    () => new Conv2DTranspose(5, [4, 3], { stride: 2, padding: 'same', noBias: true }),
    {
      outputDepth: 5,
      kernelSize: [4, 3],
      stride: 2,
      padding: 'same',
      initialization: 'auto',
      noBias: true,
    },
  ],
  [
    'Conv2DTranspose, a kernel smaller than its stride',
    () => new Conv2DTranspose(5, [2, 1], { stride: [3, 2] }),
    { outputDepth: 5, kernelSize: [2, 1], stride: [3, 2], padding: 'valid', ...weighted },
  ],
  [
    'Conv2DTranspose, padding in numbers',
    // prettier-ignore
    () => new Conv2DTranspose(5, [4, 3], { stride: [2, 1], padding: [[1, 2], [0, 1]] }),
    // prettier-ignore
    { outputDepth: 5, kernelSize: [4, 3], stride: [2, 1], padding: [[1, 2], [0, 1]], ...weighted },
  ],
];

const image = [4, 10, 20];

/** A chain of a layer and what its neighbours do, with numbers of its own. */
function chainOf(layer: Layer, seed = 1): Model {
  const model = new Model([new ReLU(), layer, new BatchNormalization2D(), new ReLU()], {
    loss: new MSE(),
    optimizer: new Adam({ learningRate: 0.01 }),
    inputShape: image,
    seed,
  });
  const x = samples(3, image, seed);
  model.trainBatch(x, noise([3, ...model.outputShape], seed + 1));
  return model;
}

describe.each(layerCases)('%s', (_, make, config) => {
  test('writes all of its arguments, and is made of them', () => {
    const layer = make();
    expect(layer.getConfig()).toEqual({ type: layer.type, ...config });
    const again = layerFromConfig(layer.getConfig() as Parameters<typeof layerFromConfig>[0]);
    expect(again).toBeInstanceOf(layer.constructor);
    expect(again.getConfig()).toEqual(layer.getConfig());
    again.build(image);
    layer.build(image);
    expect(again.outputShape).toEqual(layer.outputShape);
  });

  test('comes back from files', async () => {
    const model = chainOf(make());
    const x = samples(2, image, 7);
    const wanted = values(model.predict(x));
    const loaded = await loadNpz(await saveNpz(model));
    expect(values(loaded.predict(x))).toEqual(wanted);
    const other = chainOf(make(), 9);
    await loadSafetensors(other, await saveSafetensors(model));
    expect(values(other.predict(x))).toEqual(wanted);
  });

  test('learns, and predicts as its layers do one by one', () => {
    const model = chainOf(make());
    const x = samples(3, image, 5);
    const y = noise([3, ...model.outputShape], 6);
    const losses = Array.from({ length: 4 }, () => model.trainBatch(x, y).loss);
    expect(losses.at(-1)).toBeLessThan(losses[0] as number);
    // In the model its neighbours' work is done along with its own.
    const alone = model.layers.reduce((value, layer) => layer.forward(value, false), x);
    expectClose(values(model.predict(x)), values(alone));
  });

  test('is the same in ONNX Runtime', async () => {
    const model = chainOf(make());
    const session = await InferenceSession.create(await exportOnnx(model), {
      executionProviders: ['wasm'],
    });
    for (const count of [1, 3]) {
      const x = samples(count, image, 8);
      const ours = model.predict(x);
      const feeds = { input: new OnnxTensor('float32', x.toArray(), x.shape) };
      const { output } = await session.run(feeds);
      expect(output?.dims).toEqual(ours.shape);
      expectClose(values(ours), Array.from(output?.data as Float32Array), 1e-4);
    }
    await session.release();
  });
});

describe('refused', () => {
  // Of any type, as JavaScript has it.
  const given = (value: unknown): never => value as never;

  test('borders that are none', () => {
    const wanted = 'a whole number of at least 0, a pair [vertical, horizontal] or';
    expectError(() => new ZeroPadding2D(-1), ValueError, 'ZeroPadding2D: padding', wanted, '-1');
    expectError(() => new ZeroPadding2D(0.5), ValueError, wanted);
    expectError(() => new ZeroPadding2D(given([1, 2, 3])), ValueError, wanted);
    expectError(() => new ZeroPadding2D(given('same')), ArgumentTypeError, wanted, "'same'");
    expectError(() => new ZeroPadding2D(given(true)), ArgumentTypeError, wanted);
    expectError(() => new Cropping2D(2 ** 31), ValueError, 'cropping', 'below 2^31');
    expectError(() => new Cropping2D(1, given({ croping: 2 })), ValueError, 'croping');
    expectError(() => new Cropping2D(1, given(3)), ArgumentTypeError, 'options');
    expectError(
      () => new Cropping2D(3).build([2, 6, 9]),
      ShapeError,
      'leaves nothing',
      '[2, 6, 9]',
    );
    expectError(() => new Cropping2D(3).build([6]), ShapeError, 'must be images');
  });

  test('sizes and interpolations that are none', () => {
    expectError(() => new UpSampling2D(0), ValueError, 'UpSampling2D: size', 'at least 1');
    expectError(() => new UpSampling2D(given('2')), ArgumentTypeError, 'size');
    const cubic = { interpolation: given('bicubic') };
    const wanted = "interpolation must be 'nearest' or 'bilinear', got 'bicubic'";
    expectError(() => new UpSampling2D(2, cubic), ValueError, wanted);
    expectError(() => new Resizing(2, 3, cubic), ValueError, 'Resizing: ', wanted);
    expectError(() => new Resizing(2, 3, given({ interpolation: 1 })), ArgumentTypeError, 'string');
    expectError(() => new Resizing(2, given(undefined)), ArgumentTypeError, 'width', 'required');
    expectError(() => new Resizing(2, 1.5), ValueError, 'width');
    expectError(() => new Resizing(2, 3, given({ antialias: true })), ValueError, 'antialias');
  });

  test('convolutions that are none', () => {
    expectError(() => new DepthwiseConv2D(0), ValueError, 'DepthwiseConv2D: kernelSize');
    expectError(() => new DepthwiseConv2D(3, given({ groups: 2 })), ValueError, "'groups'");
    expectError(
      () => new DepthwiseConv2D(3, { depthMultiplier: 0 }),
      ValueError,
      'depthMultiplier must be a whole number of at least 1, got 0',
    );
    expectError(() => new SeparableConv2D(0, 3), ValueError, 'SeparableConv2D: outputDepth');
    expectError(
      () => new SeparableConv2D(4, 3, { padding: given('full') }),
      ValueError,
      "'same-upper'",
      "'full'",
    );
    expectError(() => new SeparableConv2D(4, 3).build([2, 2, 6]), ShapeError, 'does not fit');
    const wanted = "padding must be 'valid', 'same', a whole number of at least 0";
    const padded = (padding: unknown) => new Conv2DTranspose(4, 3, { padding: given(padding) });
    expectError(() => padded('same-upper'), ValueError, 'Conv2DTranspose: ', wanted);
    expectError(() => padded(-1), ValueError, wanted);
    expectError(() => padded(false), ArgumentTypeError, wanted);
    expectError(() => padded(2).build([3, 2, 6]), ShapeError, 'padding 2 leaves nothing');
    expectError(() => new Conv2DTranspose(4, 3, { stride: 0 }), ValueError, 'stride');
    expectError(() => new Conv2DTranspose(4, 3, given({ dilation: 2 })), ValueError, "'dilation'");
  });
});
