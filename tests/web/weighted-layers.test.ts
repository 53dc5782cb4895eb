// Dense and Convolutional: how weights are drawn, biases, arguments.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  ArgumentTypeError,
  BatchNormalization,
  BatchNormalization2D,
  Convolutional,
  type ConvolutionalOptions,
  Dense,
  type DenseOptions,
  init,
  type Layer,
  Model,
  ReLU,
  type Shape,
  ShapeError,
  StateError,
  Tanh,
  type Tensor,
  ValueError,
} from 'lamella';
import { expectError, noise, paramValues, values } from './support.js';

beforeAll(() => init());

type Options = DenseOptions & ConvolutionalOptions;
type Weighted = Dense | Convolutional;

interface Case {
  readonly type: string;
  readonly make: (options?: Options) => Weighted;
  readonly inputShape: Shape;
  /** Inputs of one output. */
  readonly fanIn: number;
  readonly weightsOf: (layer: Weighted) => Tensor;
  readonly normalization: () => Layer;
}

const cases: Case[] = [
  {
    type: 'Dense',
    make: (options) => new Dense(100, options),
    inputShape: [200],
    fanIn: 200,
    weightsOf: (layer) => (layer as Dense).weights,
    normalization: () => new BatchNormalization(),
  },
  {
    type: 'Convolutional',
    make: (options) => new Convolutional(64, 5, options),
    inputShape: [12, 5, 5],
    fanIn: 300,
    weightsOf: (layer) => (layer as Convolutional).kernels,
    normalization: () => new BatchNormalization2D(),
  },
];

function moments(t: Tensor): { mean: number; deviation: number } {
  const all = values(t);
  const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
  const variance = all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length;
  return { mean, deviation: Math.sqrt(variance) };
}

describe.each(cases)('$type', ({ type, make, inputShape, fanIn, weightsOf, normalization }) => {
  const built = (options: Options = {}): Weighted => make({ ...options, inputShape });

  /** About 20,000 draws: six standard errors are 3 % of the deviation, and of the mean's 1. */
  const expectDrawn = (t: Tensor, gain: number): void => {
    const wanted = Math.sqrt(gain / fanIn);
    const { mean, deviation } = moments(t);
    expect(Math.abs(deviation / wanted - 1)).toBeLessThan(0.03);
    expect(Math.abs(mean / wanted)).toBeLessThan(0.043);
  };

  test('draws as Xavier or He said, with biases of zero', () => {
    expectDrawn(weightsOf(built()), 1);
    expectDrawn(weightsOf(built({ initialization: 'xavier' })), 1);
    const layer = built({ initialization: 'he' });
    expectDrawn(weightsOf(layer), 2);
    expect(values(layer.biases as Tensor).every((bias) => bias === 0)).toBe(true);
  });

  test('draws by every name', () => {
    for (const [initialization, gain, greatest] of [
      ['heNormal', 2, Infinity],
      ['heUniform', 2, 1.7321],
      ['lecunNormal', 1, Infinity],
      ['lecunUniform', 1, 1.7321],
    ] as const) {
      const weights = weightsOf(built({ initialization }));
      expectDrawn(weights, gain);
      const largest = Math.max(...values(weights).map(Math.abs)) / Math.sqrt(gain / fanIn);
      if (greatest < Infinity) expect(largest).toBeGreaterThan(1.7);
      expect(largest).toBeLessThan(greatest);
    }
    const orthogonal = weightsOf(built({ initialization: 'orthogonal' }));
    const numbers = values(orthogonal);
    const rows = orthogonal.shape[0] ?? NaN;
    const columns = numbers.length / rows;
    const row = (i: number) => numbers.slice(i * columns, (i + 1) * columns);
    const column = (i: number) => numbers.filter((_, at) => at % columns === i);
    const vector = rows <= columns ? row : column;
    const product = (a: number[], b: number[]) =>
      a.reduce((sum, x, i) => sum + x * (b[i] ?? NaN), 0);
    expect(product(vector(0), vector(1))).toBeCloseTo(0, 6);
    expect(product(vector(1), vector(1))).toBeCloseTo(1, 6);
    const zeros = built({ initialization: 'zeros' });
    expect(values(weightsOf(zeros)).every((weight) => weight === 0)).toBe(true);
    expect(zeros.initialization).toBe('zeros');
  });

  test('draws other weights for every layer', () => {
    expect(values(weightsOf(built()))).not.toEqual(values(weightsOf(built())));
  });

  test('initWeights draws anew', () => {
    const layer = built();
    layer.loadParams({ biases: noise((layer.biases as Tensor).shape) });
    const before = values(weightsOf(layer));
    layer.initWeights('he', false);
    expectDrawn(weightsOf(layer), 2);
    expect(values(weightsOf(layer))).not.toEqual(before);
    expect(values(layer.biases as Tensor).every((bias) => bias === 0)).toBe(true);
    layer.initWeights('auto', true);
    expectDrawn(weightsOf(layer), 1);
    expect(layer.biases).toBeUndefined();
    expect(Object.keys(layer.params)).toHaveLength(1);
  });

  test('initWeights refuses what it does not know, and changes nothing', () => {
    const layer = built();
    const before = paramValues(layer);
    expectError(
      () => {
        layer.initWeights('normal' as 'he', true);
      },
      ValueError,
      `${type}: unknown initialization 'normal'; known are:`,
    );
    for (const method of [5, undefined, null]) {
      expectError(
        () => {
          layer.initWeights(method as unknown as 'he', true);
        },
        ArgumentTypeError,
        `${type}: initialization`,
      );
    }
    expect(paramValues(layer)).toEqual(before);
    expectError(
      () => {
        make().initWeights('he', false);
      },
      StateError,
      `${type}: initWeights()`,
      'build()',
    );
  });

  test('has no biases when told so', () => {
    const layer = built({ noBias: true });
    expect(layer.noBias).toBe(true);
    expect(layer.biases).toBeUndefined();
    expect(Object.keys(layer.params)).toEqual([type === 'Dense' ? 'weights' : 'kernels']);
    expectError(
      () => {
        layer.loadParams({ biases: [1] });
      },
      ValueError,
      `${type}: unknown parameter 'biases'`,
    );
    const { initialization } = built({ initialization: 'he' });
    expect(initialization).toBe('he');
  });

  describe('in a model', () => {
    const inModel = (layer: Weighted, ...after: Layer[]): Weighted => {
      new Model([layer, ...after], { inputShape });
      return layer;
    };

    test("'auto' looks at the activation that follows", () => {
      expectDrawn(weightsOf(inModel(make(), new ReLU())), 2);
      expectDrawn(weightsOf(inModel(make(), new Tanh())), 1);
      expectDrawn(weightsOf(inModel(make())), 1);
      expectDrawn(weightsOf(inModel(make(), normalization(), new ReLU())), 2);
      expectDrawn(weightsOf(inModel(make({ initialization: 'xavier' }), new ReLU())), 1);
    });

    test("'auto' leaves out the bias before batch normalization", () => {
      expect(inModel(make(), normalization()).biases).toBeUndefined();
      expect(inModel(make()).biases).toBeDefined();
      expect(inModel(make(), new ReLU(), normalization()).biases).toBeDefined();
      expect(inModel(make({ initialization: 'he' }), normalization()).biases).toBeDefined();
      expect(inModel(make({ noBias: true }), new ReLU()).biases).toBeUndefined();
    });

    test('keeps weights that were loaded', () => {
      const layer = built();
      const weights = noise(weightsOf(layer).shape);
      layer.loadParams({ [type === 'Dense' ? 'weights' : 'kernels']: weights });
      inModel(layer, new ReLU());
      expect(values(weightsOf(layer))).toEqual(values(weights));
    });
  });
});

test('Dense knows its output size, and its input size by either name', () => {
  expect(new Dense(7).outputSize).toBe(7);
  for (const options of [{ inputSize: 3 }, { inputShape: [3] }]) {
    const layer = new Dense(2, options);
    expect([layer.inputSize, layer.inputShape, layer.outputShape]).toEqual([3, [3], [2]]);
  }
});

describe('Convolutional', () => {
  test.each<[ConvolutionalOptions['padding'], number, number, Shape, number]>([
    ['valid', 3, 1, [1, 5, 4], 0],
    ['same', 3, 1, [1, 7, 6], 1],
    ['same', 4, 1, [1, 7, 6], 1],
    ['same', 1, 1, [1, 7, 6], 0],
    ['same', 3, 2, [1, 4, 3], 1],
    [2, 3, 1, [1, 9, 8], 2],
    [0, 2, 3, [1, 2, 2], 0],
  ])('padding %p, kernel %p, stride %p: output %p', (padding, kernelSize, stride, shape, zeros) => {
    const layer = new Convolutional(1, kernelSize, { padding, stride, inputShape: [2, 7, 6] });
    expect(layer.outputShape).toEqual(shape);
    expect(layer.forward(noise([1, 2, 7, 6])).shape).toEqual([1, ...shape]);
    expect(layer.padding).toBe(zeros);
    expect(layer.getConfig()['padding']).toBe(padding);
  });

  test('works far outside of the image', () => {
    const layer = new Convolutional(1, 3, { padding: 1000, stride: 1000, inputShape: [1, 4, 4] });
    layer.loadParams({ biases: [5] });
    const output = layer.forward(noise([1, 1, 4, 4]));
    expect(output.shape).toEqual([1, 1, 3, 3]);
    const expected: unknown[] = new Array(9).fill(5);
    expected[4] = expect.any(Number);
    expect(values(output)).toEqual(expected);
    expect(output.view()[4]).not.toBe(5);
    expect(layer.backward(output).shape).toEqual([1, 1, 4, 4]);
  });

  test.each<[string, number, ConvolutionalOptions]>([
    ['a padded image of 2^32', 3, { padding: 32766, stride: 60000, inputShape: [1, 4, 4] }],
    ['a column matrix of 2^32', 256, { stride: 2, inputShape: [1, 766, 766] }],
  ])('refuses a workspace whose size wraps to 0: %s', (_, kernelSize, options) => {
    expectError(
      () => new Convolutional(1, kernelSize, options),
      ShapeError,
      'Convolutional: images of shape',
      'more memory',
    );
  });
});
