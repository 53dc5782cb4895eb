// Bad constructor arguments and configurations: always a typed error.
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  Adam,
  ArgumentTypeError,
  AveragePooling2D,
  BatchNormalization,
  BatchNormalization2D,
  CategoricalCrossEntropy,
  col2im,
  Convolutional,
  type ConvolutionalOptions,
  Dense,
  type DenseOptions,
  Dropout,
  im2col,
  init,
  LamellaError,
  type LayerConfig,
  layerFromConfig,
  MaxPooling2D,
  PReLU,
  RMSprop,
  SGD,
  type Shape,
  ShapeError,
  Softmax,
  Tensor,
  ValueError,
  zeros,
} from 'lamella';
import { type ErrorClass, expectError, layerCases } from './support.js';

beforeAll(() => init());

/** Hides types: a JavaScript user can write this, a TypeScript user cannot. */
type Loose = new (...values: unknown[]) => unknown;

const wrongTypes: unknown[] = ['3', true, [3], {}, () => 3, Symbol('3'), 3n, Object.create(null)];
const wrongSizes = [0, -1, 1.5, NaN, Infinity, 2 ** 31, Number.MAX_SAFE_INTEGER];

const sizes: [string, (value: unknown) => unknown][] = [
  ['Dense: outputSize', (value) => new (Dense as Loose)(value)],
  ['Dense: inputSize', (value) => new Dense(3, { inputSize: value } as DenseOptions)],
  ['Convolutional: outputDepth', (value) => new (Convolutional as Loose)(value, 3)],
  ['Convolutional: kernelSize', (value) => new (Convolutional as Loose)(8, value)],
  ['Convolutional: stride', (value) => new (Convolutional as Loose)(8, 3, { stride: value })],
  ['MaxPooling2D: poolSize', (value) => new (MaxPooling2D as Loose)(value)],
  ['MaxPooling2D: stride', (value) => new (MaxPooling2D as Loose)(2, { stride: value })],
  ['AveragePooling2D: poolSize', (value) => new (AveragePooling2D as Loose)(value)],
  ['AveragePooling2D: stride', (value) => new (AveragePooling2D as Loose)(2, { stride: value })],
];

const fractions: [string, (value: unknown) => unknown][] = [
  ['Dropout: probability', (value) => new (Dropout as Loose)(value)],
  ['BatchNormalization: momentum', (momentum) => new (BatchNormalization as Loose)({ momentum })],
  [
    'BatchNormalization2D: momentum',
    (momentum) => new (BatchNormalization2D as Loose)({ momentum }),
  ],
  ['SGD: momentum', (momentum) => new (SGD as Loose)({ momentum })],
  ['RMSprop: decayRate', (decayRate) => new (RMSprop as Loose)({ decayRate })],
  ['Adam: beta1', (beta1) => new (Adam as Loose)({ beta1 })],
  ['Adam: beta2', (beta2) => new (Adam as Loose)({ beta2 })],
];

const positive: [string, (value: unknown) => unknown][] = [
  ['BatchNormalization: epsilon', (epsilon) => new (BatchNormalization as Loose)({ epsilon })],
  ['BatchNormalization2D: epsilon', (epsilon) => new (BatchNormalization2D as Loose)({ epsilon })],
  ['Softmax: temperature', (temperature) => new (Softmax as Loose)({ temperature })],
  [
    'CategoricalCrossEntropy: temperature',
    (temperature) => new (CategoricalCrossEntropy as Loose)({ temperature }),
  ],
  ['SGD: learningRate', (learningRate) => new (SGD as Loose)({ learningRate })],
  ['Adam: epsilon', (epsilon) => new (Adam as Loose)({ epsilon })],
  ['RMSprop: weightDecay', (weightDecay) => new (RMSprop as Loose)({ weightDecay })],
];

describe.each(sizes)('%s', (name, make) => {
  test('is a whole number of at least 1', () => {
    for (const value of wrongSizes) {
      expectError(() => make(value), ValueError, name, 'whole number of at least 1', 'got ');
    }
    for (const value of wrongTypes) expectError(() => make(value), ArgumentTypeError, name);
    make(1);
    make(1000);
  });
});

describe.each(fractions)('%s', (name, make) => {
  test('is a number from 0 to 1', () => {
    for (const value of [-0.1, 1.1, NaN, Infinity, -Infinity]) {
      expectError(() => make(value), ValueError, name, 'number from 0 to', 'got ');
    }
    for (const value of wrongTypes) expectError(() => make(value), ArgumentTypeError, name);
    make(0);
    make(0.999);
  });
});

describe.each(positive)('%s', (name, make) => {
  test('is a finite number of at least 0', () => {
    for (const value of [-0.1, NaN, Infinity, -Infinity]) {
      expectError(() => make(value), ValueError, name, 'finite number of at least 0');
    }
    for (const value of wrongTypes) expectError(() => make(value), ArgumentTypeError, name);
    make(1e-3);
  });
});

test('an option cannot stand in for a positional argument', () => {
  const options: object = { outputSize: 5 };
  expectError(() => new Dense(3, options), ValueError, 'Dense: outputSize is given twice');
  // As a configuration has it.
  expect(new Dense(5, options).outputSize).toBe(5);
});

test('a temperature is not 0', () => {
  expectError(() => new Softmax({ temperature: 0 }), ValueError, 'Softmax: temperature');
  expectError(
    () => new CategoricalCrossEntropy({ temperature: 0 }),
    ValueError,
    'CategoricalCrossEntropy: temperature',
  );
});

test('alpha is any finite number', () => {
  for (const alpha of [NaN, Infinity]) expectError(() => new PReLU({ alpha }), ValueError, 'alpha');
  expect(new PReLU({ alpha: -2 }).alpha).toBe(-2);
});

test.each<[string, (options: object) => unknown]>([
  ['Dense', (options) => new Dense(3, options)],
  ['Convolutional', (options) => new Convolutional(8, 3, options)],
])('%s: initialization and noBias', (type, make) => {
  expectError(
    () => make({ initialization: 'He' }),
    ValueError,
    `${type}: unknown initialization 'He'; known are: he, heNormal, heUniform; did you mean 'he'?`,
  );
  expectError(() => make({ initialization: 1 }), ArgumentTypeError, `${type}: initialization`);
  for (const noBias of [1, 'true', [true]]) {
    expectError(() => make({ noBias }), ArgumentTypeError, `${type}: noBias must be true or false`);
  }
});

describe('padding', () => {
  const make = (padding: unknown): unknown =>
    new Convolutional(8, 3, { padding, inputShape: [1, 5, 5] } as ConvolutionalOptions);

  test.each<[unknown, ErrorClass]>([
    ['Same', ValueError],
    ['', ValueError],
    [-1, ValueError],
    [0.5, ValueError],
    [NaN, ValueError],
    [true, ArgumentTypeError],
    [{}, ArgumentTypeError],
  ])('%p is refused', (padding, kind) => {
    expectError(() => make(padding), kind, 'Convolutional: padding');
  });

  test('whose sum wraps around in 32 bits is refused', () => {
    for (const padding of [2 ** 31 - 1, 2 ** 31 - 2, 2 ** 30]) {
      expectError(() => make(padding), ShapeError);
    }
  });
});

describe('what does not fit into the image', () => {
  test.each<[string, (inputShape: Shape) => unknown]>([
    ['Convolutional: kernelSize 5', (inputShape) => new Convolutional(1, 5, { inputShape })],
    ['MaxPooling2D: poolSize 5', (inputShape) => new MaxPooling2D(5, { inputShape })],
    ['AveragePooling2D: poolSize 5', (inputShape) => new AveragePooling2D(5, { inputShape })],
  ])('%s', (message, make) => {
    expectError(() => make([1, 4, 9]), ShapeError, `${message} does not fit`, '[1, 4, 9]');
    expectError(() => make([1, 9, 4]), ShapeError, `${message} does not fit`, '[1, 9, 4]');
    make([1, 5, 5]);
  });

  test('images before BatchNormalization', () => {
    expectError(
      () => new BatchNormalization({ inputShape: [3, 4, 4] }),
      ShapeError,
      'BatchNormalization: ',
      '[3, 4, 4]',
    );
  });

  test.each<[string, (inputShape: Shape) => unknown]>([
    ['Convolutional', (inputShape) => new Convolutional(2, 1, { inputShape })],
    ['BatchNormalization2D', (inputShape) => new BatchNormalization2D({ inputShape })],
    ['MaxPooling2D', (inputShape) => new MaxPooling2D(1, { inputShape })],
    ['AveragePooling2D', (inputShape) => new AveragePooling2D(1, { inputShape })],
  ])('anything but images before %s', (type, make) => {
    for (const shape of [[3], [3, 4], [3, 4, 4, 1]]) {
      expectError(() => make(shape), ShapeError, `${type}: input must be images`);
    }
  });
});

test('an option called after an object method is as unknown as any other', () => {
  for (const name of ['toString', 'constructor', '__proto__', '']) {
    const options = Object.fromEntries([[name, 1]]);
    expectError(() => new Dense(3, options), ValueError, 'Dense: unknown option', `'${name}'`);
  }
});

test('weights that no memory holds are refused', () => {
  expectError(() => new Dense(2 ** 31 - 1, { inputSize: 2 ** 31 - 1 }), ShapeError);
  expectError(() => new Convolutional(2 ** 30, 3, { inputShape: [1, 9, 9] }), ShapeError);
});

/** Any number, the interesting ones often; nothing that would really fill the memory. */
const number = fc.oneof(
  fc.integer({ min: -2, max: 9 }),
  fc.integer({ min: 2 ** 30, max: 2 ** 53 - 1 }),
  fc.constantFrom(NaN, Infinity, -Infinity, 0.5, -0.5, 1e-300, 2 ** 31 - 1, 2 ** 32, 2 ** 32 + 1),
  fc.double({ min: -2, max: 2 }),
);
const dims = fc.array(number, { maxLength: 5 });
const value = fc.oneof(number, dims, fc.boolean(), fc.anything({ withNullPrototype: true }));

describe('whatever is given', () => {
  const runs = { numRuns: 200, seed: 7 };

  /** Runs `use`; what it throws must be a LamellaError. */
  const check = (use: () => unknown): void => {
    try {
      use();
    } catch (error) {
      expect(error).toBeInstanceOf(LamellaError);
    }
  };

  test.each(layerCases)('$type works or throws a typed error', ({ type, config }) => {
    const names = [...Object.keys(config), 'inputShape', 'inputSize'];
    const change = fc.record(
      Object.fromEntries(names.map((name) => [name, name === 'inputShape' ? dims : value])),
      { requiredKeys: [] },
    );
    const word = fc.constantFrom('same', 'same-upper', 'valid', 'he');
    fc.assert(
      fc.property(change, fc.option(word), dims, (changes, padding, shape) => {
        const changed = { type, ...config, ...changes } as LayerConfig;
        if (padding !== null && 'padding' in config) Object.assign(changed, { padding });
        check(() => {
          const layer = layerFromConfig(changed);
          check(() => {
            layer.build(shape);
          });
          check(() => {
            const output = layer.forward(zeros([1, ...shape]));
            expect(output.shape).toEqual([1, ...layer.outputShape]);
            layer.backward(output);
          });
          layer.dispose();
        });
      }),
      runs,
    );
  });

  test('im2col and col2im work or throw a typed error', () => {
    const images = zeros([1, 2, 6, 5]);
    const columns = im2col(images, 2, 1);
    fc.assert(
      fc.property(value, value, dims, dims, (windowSize, stride, input, output) => {
        const [size, step] = [windowSize as number, stride as number];
        check(() => expect(im2col(images, size, step)).toBeInstanceOf(Tensor));
        check(() => col2im(columns, input, output, size, step));
        check(() => col2im(columns, [1, 2, 6, 5], output, size, step));
        check(() => col2im(columns, [1, 2, 6, 5], [1, 1, 5, 4], size, step));
      }),
      runs,
    );
  });
});

test('a convolution whose workspace has no addresses is refused before it is counted', () => {
  // The column matrix of the input gradient, 25 * 64 numbers a pixel, which stride 1 needs not.
  const shape = [64, 2000, 2000];
  const build = (stride: number): void => new Convolutional(1, 5, { stride }).build(shape);
  expectError(
    () => build(2),
    ShapeError,
    'Convolutional: ',
    'more memory than there are addresses',
  );
  build(1);
});
