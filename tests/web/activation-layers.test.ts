// Activations, noise and changes of shape of lamella/graph: Keras's numbers (scripts/judges/
// activation_layers.py), options, files, ONNX and Keras models.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Adam,
  ArgumentTypeError,
  type Config,
  Convolutional,
  Dense,
  ELU,
  exportOnnx,
  Flatten,
  GaussianNoise,
  HardSigmoid,
  init,
  type Layer,
  layerFromConfig,
  layerToConfig,
  loadCheckpoint,
  loadKeras,
  loadNpz,
  loadSafetensors,
  Mish,
  Model,
  MSE,
  Permute,
  Repeat,
  Rescaling,
  saveCheckpoint,
  saveNpz,
  saveSafetensors,
  SELU,
  type Shape,
  ShapeError,
  Softplus,
  SpatialDropout2D,
  type Tensor,
  tensor,
  UnsupportedError,
  ValueError,
} from 'lamella/graph';
import { env, InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-web';
import { type ErrorClass, expectError, expectRejection, numbers, values } from './support.js';

beforeAll(async () => {
  await init();
  // Threads would outlive the tests.
  env.wasm.numThreads = 1;
});

interface Case {
  readonly config: Config & { readonly type: string };
  readonly x: readonly number[];
  readonly shape: Shape;
  readonly output: readonly number[];
  readonly outputShape: Shape;
  readonly outputGradient: readonly number[];
  readonly inputGradient: readonly number[];
}

interface KerasModel {
  readonly name: string;
  readonly json: string;
  readonly x: readonly number[];
  readonly shape: Shape;
  readonly output: readonly number[];
  readonly outputShape: Shape;
}

const judged = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/judges/activation.json'), 'utf8'),
) as { readonly cases: readonly Case[]; readonly models: readonly KerasModel[] };

/** Fails unless all numbers are as wanted, up to some roundings of each and of a number of 1. */
function expectClose(got: Tensor, wanted: readonly number[], shape: Shape): void {
  expect(got.shape).toEqual(shape);
  const errors = values(got).map(
    (value, i) => Math.abs(value - (wanted[i] as number)) / (1 + Math.abs(wanted[i] as number)),
  );
  expect(errors).toHaveLength(wanted.length);
  expect(Math.max(...errors)).toBeLessThan(1.5e-6);
}

describe('the numbers of Keras', () => {
  test.each(judged.cases.map((each) => [JSON.stringify(each.config), each] as const))(
    '%s',
    (_, { config, x, shape, output, outputShape, outputGradient, inputGradient }) => {
      const layer = layerFromConfig(config);
      layer.build(shape.slice(1));
      const training = config.type !== 'GaussianNoise' && config.type !== 'SpatialDropout2D';
      expectClose(layer.forward(tensor(x, shape), training), output, outputShape);
      expect(layer.outputShape).toEqual(outputShape.slice(1));
      expectClose(layer.backward(tensor(outputGradient, outputShape)), inputGradient, shape);
    },
  );

  test('are there for every layer', () => {
    expect(new Set(judged.cases.map(({ config }) => config.type)).size).toBe(10);
  });

  test('near 0 and far away to the last digits', () => {
    const y = (layer: Layer, ...x: readonly number[]): number[] =>
      values(layer.forward(tensor(x, [1, x.length])));
    for (const [i, value] of y(new ELU(), -1e-6, -1e-3).entries()) {
      const wanted = Math.expm1([-1e-6, -1e-3][i] as number);
      expect(Math.abs(value / wanted - 1)).toBeLessThan(1e-6);
    }
    const [far = 0] = y(new Softplus(), -80);
    expect(Math.abs(far / Math.exp(-80) - 1)).toBeLessThan(1e-6);
    expect(y(new Softplus(), 1000, -1000, Infinity, -Infinity)).toEqual([1000, 0, Infinity, 0]);
    expect(y(new Mish(), 1000, -1000)).toEqual([1000, -0]);
  });

  test.each([ELU, SELU, Softplus, Mish, HardSigmoid])('%p keeps NaN', (Class) => {
    const output = values(new Class().forward(tensor([1, NaN, 2, 3, 4, NaN], [2, 3])));
    expect(output.map(Number.isNaN)).toEqual([false, true, false, false, false, true]);
  });
});

describe('random layers', () => {
  let ones: Tensor;
  beforeAll(() => {
    ones = tensor(new Float32Array(40 * 50 * 4).fill(1), [40, 50, 2, 2]);
  });

  test('GaussianNoise adds noise of its deviation, other noise in every pass', () => {
    const layer = new GaussianNoise(0.5);
    const first = values(layer.forward(ones));
    const mean = first.reduce((sum, value) => sum + value, 0) / first.length;
    const variance = first.reduce((sum, value) => sum + (value - mean) ** 2, 0) / first.length;
    // Six standard errors.
    expect(Math.abs(mean - 1)).toBeLessThan((6 * 0.5) / Math.sqrt(first.length));
    expect(Math.abs(variance - 0.25)).toBeLessThan(6 * 0.25 * Math.sqrt(2 / first.length));
    expect(values(layer.forward(ones))).not.toEqual(first);
    const gradient = tensor(numbers(ones.size), ones.shape);
    expect(values(layer.backward(gradient))).toEqual(values(gradient));
    expect(values(layer.forward(ones, false))).toEqual(values(ones));
    expect(values(new GaussianNoise(0).forward(ones))).toEqual(values(ones));
  });

  test('SpatialDropout2D drops whole channels and scales the rest', () => {
    const layer = new SpatialDropout2D(0.2);
    const first = values(layer.forward(ones));
    expect(new Set(first)).toEqual(new Set([0, 1.25]));
    const planes = first.filter((_, i) => i % 4 === 0);
    expect(first).toEqual(planes.flatMap((value) => [value, value, value, value]));
    const dropped = planes.filter((value) => value === 0).length;
    // Six standard deviations of a binomial distribution.
    expect(Math.abs(dropped - 400)).toBeLessThan(6 * Math.sqrt(2000 * 0.2 * 0.8));
    expect(values(layer.backward(ones))).toEqual(first);
    expect(values(layer.forward(ones))).not.toEqual(first);
    expect(values(layer.forward(ones, false))).toEqual(values(ones));
    expect(values(layer.backward(ones))).toEqual(values(ones));
    expect(values(new SpatialDropout2D(1).forward(ones)).every((value) => value === 0)).toBe(true);
    expect(values(new SpatialDropout2D(0).forward(ones))).toEqual(values(ones));
  });
});

describe('options', () => {
  const wrong: [make: () => Layer, kind: ErrorClass, ...parts: string[]][] = [
    [() => new ELU({ alpha: -1 }), ValueError, 'ELU: alpha', 'at least 0', '-1'],
    [() => new ELU({ alpha: '1' as never }), ArgumentTypeError, 'ELU: alpha', "'1'"],
    [() => new ELU({ alpha: 1e39 }), ValueError, 'ELU: alpha', 'float32'],
    [() => new ELU({ slope: 1 } as never), ValueError, "ELU: unknown option 'slope'"],
    [() => new ELU(0.5 as never), ArgumentTypeError, 'ELU: options', '{ alpha: 0.5 }'],
    [() => new SELU({ alpha: 1 } as never), ValueError, "SELU: unknown option 'alpha'"],
    [() => new Softplus({ beta: 1 } as never), ValueError, "Softplus: unknown option 'beta'"],
    [() => new Mish({ beta: 1 } as never), ValueError, "Mish: unknown option 'beta'"],
    [() => new HardSigmoid({ a: 1 } as never), ValueError, "HardSigmoid: unknown option 'a'"],
    [() => new Rescaling(NaN), ValueError, 'Rescaling: scale', 'finite', 'NaN'],
    [() => new Rescaling(undefined as never), ArgumentTypeError, 'Rescaling: scale is required'],
    [() => new Rescaling([1, 2] as never), ArgumentTypeError, 'Rescaling: scale', '[1, 2]'],
    [() => new Rescaling(1, { offset: Infinity }), ValueError, 'Rescaling: offset', 'finite'],
    [() => new Rescaling(1, { shift: 1 } as never), ValueError, "unknown option 'shift'"],
    [() => new Permute([1, 1]), ValueError, 'Permute: dims', 'from 1 to 2 once', '[1, 1]'],
    [() => new Permute([0, 1]), ValueError, 'Permute: dims', '[0, 1]'],
    [() => new Permute([2, 3]), ValueError, 'Permute: dims', '[2, 3]'],
    [() => new Permute([]), ValueError, 'Permute: dims', '[]'],
    [() => new Permute([1, 2, 3, 4, 5, 6, 7, 8]), ValueError, 'Permute: dims', 'at most 7'],
    [() => new Permute(1 as never), ArgumentTypeError, 'Permute: dims'],
    [() => new Permute(undefined as never), ArgumentTypeError, 'Permute: dims is required'],
    [() => new Permute([2, 1], { inputShape: [3] }), ShapeError, 'Permute', '[2, 1]', '[3]'],
    [() => new Repeat(0), ValueError, 'Repeat: n', 'at least 1', '0'],
    [() => new Repeat(1.5), ValueError, 'Repeat: n', '1.5'],
    [() => new Repeat(undefined as never), ArgumentTypeError, 'Repeat: n is required'],
    [() => new Repeat(2, { inputShape: [3, 4] }), ShapeError, 'Repeat', 'vectors', '[3, 4]'],
    [() => new Repeat(2 ** 20, { inputShape: [2 ** 20] }), ShapeError, 'too many elements'],
    [() => new GaussianNoise(-1), ValueError, 'GaussianNoise: standardDeviation', '-1'],
    [
      () => new GaussianNoise(undefined as never),
      ArgumentTypeError,
      'standardDeviation',
      'required',
    ],
    [() => new GaussianNoise('1' as never), ArgumentTypeError, 'standardDeviation', "'1'"],
    [() => new SpatialDropout2D(1.5), ValueError, 'SpatialDropout2D: probability', '1.5'],
    [() => new SpatialDropout2D(0.5, { inputShape: [3] }), ShapeError, 'images', '[3]'],
  ];
  test.each(wrong.map(([make, kind, ...parts]) => [parts.join(' '), make, kind, parts] as const))(
    'are refused: %s',
    (_, make, kind, parts) => {
      expectError(make, kind, ...parts);
    },
  );

  test('are properties, with defaults', () => {
    expect(new ELU().alpha).toBe(1);
    expect(new ELU({ alpha: 0.25 }).alpha).toBe(0.25);
    expect(new Rescaling(2)).toMatchObject({ scale: 2, offset: 0 });
    expect(new Rescaling(2, { offset: -1 })).toMatchObject({ scale: 2, offset: -1 });
    expect(new Permute([2, 3, 1]).dims).toEqual([2, 3, 1]);
    expect(new Repeat(4).n).toBe(4);
    expect(new GaussianNoise(0.25).standardDeviation).toBe(0.25);
    expect(new SpatialDropout2D().probability).toBe(0.5);
  });
});

const chain = (): Layer[] => [
  new Rescaling(1.5, { offset: 0.25 }),
  new GaussianNoise(0.125),
  new Convolutional(4, 3),
  new ELU({ alpha: 0.75 }),
  new SpatialDropout2D(0.25),
  new Convolutional(5, 1),
  new Mish(),
  new Permute([3, 1, 2]),
  new Flatten(),
  new Dense(6),
  new SELU(),
  new Repeat(3),
  new Dense(4),
  new Softplus(),
  new Dense(2),
  new HardSigmoid(),
];

const make = (seed: number): Model =>
  new Model(chain(), { loss: new MSE(), optimizer: new Adam(), inputShape: [2, 6, 7], seed });

const x = (): Tensor => tensor(numbers(12 * 84, 5), [12, 2, 6, 7]);
const y = (): Tensor => tensor(numbers(12 * 6, 6), [12, 3, 2]);

async function trained(): Promise<Model> {
  const model = make(1);
  await model.train(x(), y(), { epochs: 2, batchSize: 5 });
  return model;
}

describe('a chain of all of them', () => {
  const configs = ({ layers }: { readonly layers: readonly Layer[] }): Config[] =>
    layers.map(layerToConfig);

  test('comes back from its configurations', () => {
    for (const layer of chain()) {
      const again = layerFromConfig(layerToConfig(layer));
      expect(again.constructor).toBe(layer.constructor);
      expect(layerToConfig(again)).toEqual(layerToConfig(layer));
    }
  });

  test('comes back from .npz and .safetensors', async () => {
    const model = await trained();
    const fromNpz = await loadNpz(await saveNpz(model));
    expect(configs(fromNpz).slice(1)).toEqual(configs(model).slice(1));
    const same = make(2);
    await loadSafetensors(same, await saveSafetensors(model));
    for (const again of [fromNpz, same]) {
      expect(values(again.predict(x()))).toEqual(values(model.predict(x())));
    }
  });

  test('resumes from a checkpoint with the bits of a run without interruption', async () => {
    const model = await trained();
    const again = await loadCheckpoint(await saveCheckpoint(model));
    for (const each of [model, again]) await each.train(x(), y(), { epochs: 2, batchSize: 5 });
    expect(values(again.predict(x()))).toEqual(values(model.predict(x())));
    const other = make(1);
    await other.train(x(), y(), { epochs: 4, batchSize: 5 });
    expect(values(other.predict(x()))).toEqual(values(model.predict(x())));
  });
});

const onnxCases: [name: string, layers: () => Layer[], inputShape: Shape][] = [
  ['ELU', () => [new ELU({ alpha: 0.3 })], [6]],
  ['SELU', () => [new SELU()], [6]],
  ['Softplus', () => [new Softplus()], [6]],
  ['Mish', () => [new Mish()], [6]],
  ['HardSigmoid', () => [new HardSigmoid()], [6]],
  ['Rescaling', () => [new Rescaling(-1.5, { offset: 3 })], [2, 3, 4]],
  ['Permute of sequences', () => [new Permute([2, 1])], [5, 6]],
  ['Permute of images', () => [new Permute([3, 1, 2])], [2, 3, 4]],
  ['Repeat', () => [new Repeat(3)], [6]],
  ['GaussianNoise', () => [new GaussianNoise(1), new ELU()], [6]],
  ['SpatialDropout2D', () => [new SpatialDropout2D(), new ELU()], [2, 3, 4]],
  ['all', chain, [2, 6, 7]],
];

test.each(onnxCases)('ONNX Runtime predicts the same: %s', async (_, layers, inputShape) => {
  const model = new Model(layers(), { inputShape });
  const bytes = await exportOnnx(model);
  const session = await InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  for (const count of [1, 5]) {
    const size = inputShape.reduce((product, dim) => product * dim, count);
    const input = numbers(size, 5).map((number) => 5 * number);
    const ours = model.predict(tensor(input, [count, ...inputShape]));
    const feeds = { input: new OnnxTensor('float32', input, [count, ...inputShape]) };
    const { output } = await session.run(feeds);
    expectClose(ours, Array.from(output?.data as Float32Array), output?.dims as Shape);
  }
  await session.release();
});

describe('models of Keras', () => {
  /** [n, height, width, channels] to [n, channels, height, width]. */
  const toOurs = (flat: readonly number[], shape: Shape): Tensor => {
    const [n = 0, height = 0, width = 0, channels = 0] = shape;
    if (shape.length !== 4) return tensor(flat, shape);
    const pixels = height * width;
    const data = new Float32Array(flat.length);
    for (const [i, value] of flat.entries()) {
      const [pixel, channel] = [Math.floor(i / channels), i % channels];
      const image = Math.floor(pixel / pixels);
      data[(image * channels + channel) * pixels + (pixel % pixels)] = value;
    }
    return tensor(data, [n, channels, height, width]);
  };
  // No layer has any: an archive of nothing.
  const weights = Uint8Array.of(0x50, 0x4b, 5, 6, ...new Array<number>(18).fill(0));

  test.each(judged.models.map((each) => [each.name, each] as const))(
    'predict the same: %s',
    async (_, { json, x, shape, output, outputShape }) => {
      const model = await loadKeras(json, weights);
      const wanted = toOurs(output, outputShape);
      expectClose(model.predict(toOurs(x, shape)), values(wanted), wanted.shape);
    },
  );

  const json = (...layers: [type: string, config: Config][]): string =>
    JSON.stringify({
      class_name: 'Sequential',
      config: {
        layers: layers.map(([class_name, config], i) => ({
          class_name,
          config: {
            name: `layer_${i}`,
            ...config,
            ...(i === 0 && { batch_shape: [null, 4, 3, 2] }),
          },
        })),
      },
    });
  const refused: [name: string, json: string, ...parts: string[]][] = [
    [
      'hard_sigmoid of before Keras 3',
      json(['Activation', { activation: 'hard_sigmoid', dtype: 'float32' }]),
      'hard_sigmoid must be that of Keras 3',
    ],
    [
      'a scale for each channel',
      json(['Rescaling', { scale: [1, 2], offset: 0 }]),
      'scale and offset must be one number each',
    ],
    ['axes that are none', json(['Permute', { dims: [1, 2, 4] }]), 'dims', 'from 1 to 3'],
    ['repeated images', json(['RepeatVector', { n: 2 }]), 'wants vectors'],
    [
      'repeated flattened images, in another order',
      json(['Flatten', {}], ['RepeatVector', { n: 2 }]),
      'flattened images',
    ],
  ];
  test.each(refused)('are refused: %s', async (_, text, ...parts) => {
    await expectRejection(() => loadKeras(text, weights), UnsupportedError, ...parts);
  });
});
