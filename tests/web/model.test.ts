import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Adam,
  ArgumentTypeError,
  BatchNormalization,
  BinaryCrossEntropy,
  CategoricalCrossEntropy,
  Convolutional,
  Dense,
  Dropout,
  Flatten,
  init,
  type Layer,
  MaxPooling2D,
  Model,
  type ModelOptions,
  MSE,
  ReLU,
  SGD,
  type Shape,
  ShapeError,
  Sigmoid,
  Softmax,
  StateError,
  type Tensor,
  type TensorData,
  ValueError,
  zeros,
} from 'lamella';
import { type ErrorClass, expectError, noise, separable, values } from './support.js';

beforeAll(() => init());

const cnn = (): Layer[] => [
  new Convolutional(8, 3, { padding: 'same' }),
  new ReLU(),
  new MaxPooling2D(2),
  new Flatten(),
  new Dense(10),
];

describe('a model', () => {
  test('knows its shapes and its layers', () => {
    const layers = cnn();
    const loss = new CategoricalCrossEntropy();
    const optimizer = new Adam();
    const model = new Model(layers, { loss, optimizer, inputShape: [1, 28, 28] });
    expect(model.inputShape).toEqual([1, 28, 28]);
    expect(model.outputShape).toEqual([10]);
    expect(model.layers).toEqual(layers);
    expect([model.loss, model.optimizer]).toEqual([loss, optimizer]);
  });

  test('counts its parameters', () => {
    const model = new Model(cnn(), { inputShape: [1, 28, 28] });
    expect(model.layerTable()).toEqual([
      { type: 'Convolutional', outputShape: [8, 28, 28], parameters: 80 },
      { type: 'ReLU', outputShape: [8, 28, 28], parameters: 0 },
      { type: 'MaxPooling2D', outputShape: [8, 14, 14], parameters: 0 },
      { type: 'Flatten', outputShape: [1568], parameters: 0 },
      { type: 'Dense', outputShape: [10], parameters: 15_690 },
    ]);
    expect(model.parameterCount).toBe(15_770);
  });

  test('sums itself up in a table', () => {
    expect(new Model(cnn(), { inputShape: [1, 28, 28] }).summary().split('\n')).toEqual([
      'layer          output       parameters',
      'Convolutional  [8, 28, 28]          80',
      'ReLU           [8, 28, 28]           0',
      'MaxPooling2D   [8, 14, 14]           0',
      'Flatten        [1568]                0',
      'Dense          [10]             15,690',
      '15,770 parameters in all',
    ]);
  });

  test('computes what its layers compute one after another', () => {
    const model = new Model(cnn(), { inputShape: [1, 9, 9] });
    const images = noise([3, 1, 9, 9]);
    let expected = images;
    for (const layer of model.layers) expected = layer.forward(expected, false);
    expect(values(model.predict(images))).toEqual(values(expected));
  });

  test('takes layers that were built for the right shape, and no others', () => {
    const make = (inputSize: number): unknown =>
      new Model([new Dense(3, { inputSize: 2 }), new Dense(1, { inputSize })]);
    make(3);
    expectError(() => make(4), ShapeError, 'Model: layer 1: Dense', '[4]', '[3]');
  });

  test.each<[string, unknown, ModelOptions | undefined, ErrorClass, string]>([
    ['no layers', [], undefined, ValueError, 'at least one layer'],
    ['no list', undefined, undefined, ArgumentTypeError, 'layers must be an array'],
    ['a string', 'Dense', undefined, ArgumentTypeError, 'layers must be an array'],
    ['null as layer', [null], undefined, ArgumentTypeError, 'must extend Layer, got null'],
    ['a class as layer', [Dense], undefined, ArgumentTypeError, 'must extend Layer'],
    ['a seed of -1', 'cnn', { seed: -1 }, ValueError, 'seed'],
    ['a seed of 0.5', 'cnn', { seed: 0.5 }, ValueError, 'seed'],
    ['a seed of NaN', 'cnn', { seed: NaN }, ValueError, 'seed'],
    ['a word as seed', 'cnn', { seed: '7' as never }, ArgumentTypeError, 'seed'],
    ['a word as loss', 'cnn', { loss: 'mse' as never }, ArgumentTypeError, 'loss must'],
    ['a word as optimizer', 'cnn', { optimizer: 'adam' as never }, ArgumentTypeError, 'opt'],
    ['a wrong shape', 'cnn', { inputShape: [28, 28] }, ShapeError, 'layer 0: Convol'],
    ['a number as shape', 'cnn', { inputShape: 28 as never }, ArgumentTypeError, 'inputSh'],
  ])('is not made from %s', (_, layers, options, kind, part) => {
    const given = layers === 'cnn' ? cnn() : layers;
    const shape = layers === 'cnn' ? { inputShape: [1, 28, 28] } : {};
    expectError(() => new Model(given as Layer[], { ...shape, ...options }), kind, 'Model: ', part);
  });

  test('is not made from an optimizer as loss and the other way round', () => {
    const make = (loss: unknown, optimizer: unknown) => () =>
      new Model(cnn(), { inputShape: [1, 8, 8], loss, optimizer } as ModelOptions);
    expectError(make(new SGD(), undefined), ArgumentTypeError, 'Model: loss must be a Loss');
    expectError(make(undefined, new MSE()), ArgumentTypeError, 'Model: optimizer must be an Opt');
  });

  test('wants to know its input shape', () => {
    expectError(() => new Model(cnn()), StateError, 'Model: the input shape', 'Convolutional');
    expect(new Model([new ReLU()], { inputShape: [3] }).outputShape).toEqual([3]);
    expect(new Model([new Flatten({ inputShape: [1, 2, 3] })]).outputShape).toEqual([6]);
  });

  test('has each layer once', () => {
    const relu = new ReLU();
    expectError(
      () => new Model([new Dense(2, { inputSize: 2 }), relu, relu]),
      ValueError,
      'Model: layer 2 (ReLU) appears twice',
    );
  });

  test('has a loss that its output fits', () => {
    const loss = new CategoricalCrossEntropy();
    const layers = [new Convolutional(1, 1, { inputShape: [1, 2, 2] })];
    expectError(
      () => new Model(layers, { loss }),
      ShapeError,
      'CategoricalCrossEntropy',
      '1, 2, 2',
    );
  });

  test('has one temperature', () => {
    expectError(
      () =>
        new Model([new Dense(2, { inputSize: 2 }), new Softmax({ temperature: 2 })], {
          loss: new CategoricalCrossEntropy(),
        }),
      ValueError,
      'temperature',
      '2 and 1',
    );
  });
});

describe('predict', () => {
  const sums = (t: Tensor): number[] => {
    const [rows = 0, columns = 1] = t.shape;
    const all = values(t);
    return Array.from({ length: rows }, (_, i) =>
      all.slice(i * columns, (i + 1) * columns).reduce((a, b) => a + b, 0),
    );
  };

  test('gives probabilities, whether Softmax is a layer or not', () => {
    const dense = new Dense(5, { inputSize: 3 });
    const loss = new CategoricalCrossEntropy();
    const input = noise([50, 3]);
    const model = new Model([dense], { loss });
    const predictions = model.predict(input);
    for (const sum of sums(predictions)) expect(sum).toBeCloseTo(1, 6);
    const again = new Dense(5, { inputSize: 3 });
    again.loadParams({ weights: dense.weights });
    const explicit = new Model([again, new Softmax()], { loss: new CategoricalCrossEntropy() });
    expect(values(explicit.predict(input))).toEqual(values(predictions));
    const softmax = new Softmax().forward(dense.forward(input));
    expect(values(softmax)).toEqual(values(predictions));
  });

  test("applies the loss's temperature", () => {
    const dense = new Dense(5, { inputSize: 3 });
    const model = new Model([dense], { loss: new CategoricalCrossEntropy({ temperature: 3 }) });
    const input = noise([4, 3]);
    const expected = new Softmax({ temperature: 3 }).forward(dense.forward(input));
    expect(values(model.predict(input))).toEqual(values(expected));
  });

  test('applies sigmoid for yes-or-no outputs, and nothing for numbers', () => {
    const dense = new Dense(2, { inputSize: 3 });
    const input = noise([4, 3]);
    const binary = new Model([dense], { loss: new BinaryCrossEntropy() });
    const logits = dense.forward(input);
    expect(values(binary.predict(input))).toEqual(values(new Sigmoid().forward(logits)));
    const plain = new Model([dense], { loss: new MSE() });
    expect(values(plain.predict(input))).toEqual(values(logits));
    expect(values(new Model([dense]).predict(input))).toEqual(values(logits));
  });

  test('is the same whatever the batch size, and for every kind of data', () => {
    const model = new Model(cnn(), { inputShape: [1, 6, 6], loss: new CategoricalCrossEntropy() });
    const images = noise([7, 1, 6, 6]);
    const expected = values(model.predict(images));
    for (const batchSize of [1, 2, 3, 7, 100, 2 ** 32, 2 ** 40]) {
      expect(values(model.predict(images, { batchSize }))).toEqual(expected);
    }
    const flat = images.toArray();
    for (const data of [flat, Float64Array.from(flat), images.toNestedArray()]) {
      const predictions = model.predict(data);
      expect(predictions.shape).toEqual([7, 10]);
      expect(values(predictions)).toEqual(expected);
    }
  });

  test('runs in inference mode', () => {
    const layers = [new Dense(4, { inputSize: 3 }), new BatchNormalization(), new Dropout(0.9)];
    const model = new Model(layers);
    const batch = noise([8, 3]);
    const all = values(model.predict(batch));
    expect(values(model.predict(batch))).toEqual(all);
    expect(values(model.predict(batch.toArray().subarray(0, 3)))).toEqual(all.slice(0, 4));
    expect(values(layers[1]?.state['cache_m'] as Tensor)).toEqual([0, 0, 0, 0]);
  });

  test('keeps what it returned', () => {
    const model = new Model([new Dense(4, { inputSize: 3 })]);
    const first = model.predict(noise([8, 3]));
    const kept = values(first);
    model.predict(noise([8, 3], 2));
    expect(values(first)).toEqual(kept);
  });

  test('refuses data that does not fit', () => {
    const model = new Model(cnn(), { inputShape: [1, 6, 6] });
    for (const shape of [[1, 1, 6, 7], [1, 6, 6], [36], [], [2, 36]]) {
      expectError(
        () => model.predict(zeros(shape)),
        ShapeError,
        'Model.predict: x must have shape [samples, 1, 6, 6]',
        `got [${shape.join(', ')}]`,
      );
    }
    expectError(
      () => model.predict(zeros([0, 1, 6, 6])),
      ShapeError,
      'Model.predict',
      '[0, 1, 6, 6]',
    );
    for (const count of [0, 35, 37]) {
      expectError(
        () => model.predict(new Float32Array(count)),
        ShapeError,
        'Model.predict: x must hold a multiple of 36 numbers',
        `got ${count}`,
      );
    }
    for (const wrong of [5, undefined, null, 'x', model]) {
      const data = wrong as unknown as TensorData;
      expectError(() => model.predict(data), ArgumentTypeError, 'Model.predict: x');
    }
    expectError(() => model.predict([[[[1], [2, 3]]]]), ShapeError, 'Model.predict: x', 'ragged');
    for (const batchSize of [0, -1, 0.5, NaN]) {
      expectError(
        () => model.predict(zeros([1, 1, 6, 6]), { batchSize }),
        ValueError,
        'Model.predict: batchSize',
      );
    }
  });
});

describe('evaluate', () => {
  test('is the mean over all samples, whatever the batch size', () => {
    const { x, y, labels } = separable(25);
    const model = new Model([new Dense(2, { inputSize: 2 })], {
      loss: new CategoricalCrossEntropy(),
    });
    const probabilities = model.predict(x).view();
    const loss =
      labels.reduce((sum, label, i) => sum - Math.log(probabilities[2 * i + label] as number), 0) /
      25;
    const right = labels.filter(
      (label, i) =>
        (probabilities[2 * i + label] as number) > (probabilities[2 * i + 1 - label] as number),
    );
    for (const batchSize of [undefined, 1, 10, 25, 2 ** 40]) {
      const evaluation = model.evaluate(x, y, { batchSize });
      expect(evaluation.loss).toBeCloseTo(loss, 5);
      expect(evaluation.accuracy).toBeCloseTo(right.length / 25, 12);
    }
  });

  test('has no accuracy where the loss is not about classes', () => {
    const model = new Model([new Dense(1, { inputSize: 2 })], { loss: new MSE() });
    const result = model.evaluate(noise([5, 2]), noise([5, 1]));
    expect(Object.keys(result)).toEqual(['loss']);
  });

  test('counts yes-or-no answers one by one', () => {
    const dense = new Dense(2, { inputSize: 2 });
    const model = new Model([dense], { loss: new BinaryCrossEntropy() });
    dense.loadParams({
      weights: [
        [1, 0],
        [0, 1],
      ],
      biases: [[0, 0]],
    });
    const { accuracy } = model.evaluate(
      [
        [1, -1],
        [-1, 1],
      ],
      [
        [1, 0],
        [1, 1],
      ],
    );
    expect(accuracy).toBe(0.75);
  });

  test('wants a loss and data that fits', () => {
    const model = new Model([new Dense(1, { inputSize: 2 })], { loss: new MSE() });
    const [x, y] = [zeros([3, 2]), zeros([3, 1])];
    expectError(() => model.evaluate(x, zeros([2, 1])), ShapeError, 'Model.evaluate: x has 3');
    expectError(() => model.evaluate(x, zeros([3, 2])), ShapeError, 'Model.evaluate: y must');
    expectError(() => model.evaluate(zeros([3, 1]), y), ShapeError, 'Model.evaluate: x must');
    expectError(() => model.evaluate(x, y, { batchSize: 0 }), ValueError, 'Model.evaluate: batchS');
    const lossless = new Model([new Dense(1, { inputSize: 2 })]);
    expectError(() => lossless.evaluate(x, y), StateError, 'Model.evaluate: the model has no loss');
  });
});

describe('dispose', () => {
  test('frees the layers, the loss and the optimizer', () => {
    const layer = new Dense(1, { inputSize: 2 });
    const model = new Model([layer], { loss: new MSE(), optimizer: new SGD() });
    model.dispose();
    model.dispose();
    expect(model.disposed).toBe(true);
    expectError(() => layer.params, StateError, 'Dense: used after dispose()');
    expectError(() => model.loss?.getConfig(), StateError, 'MSE: used after dispose()');
    expectError(() => model.optimizer?.learningRate, StateError, 'SGD: used after dispose()');
  });

  test.each<[string, (model: Model, x: Tensor) => unknown]>([
    ['inputShape', (model) => model.inputShape],
    ['predict', (model, x) => model.predict(x)],
    ['evaluate', (model, x) => model.evaluate(x, x)],
    ['trainBatch', (model, x) => model.trainBatch(x, x)],
  ])('makes %s a StateError', (_, use) => {
    const shape: Shape = [1, 2];
    const model = new Model([new Dense(2, { inputSize: 2 })], { loss: new MSE() });
    model.dispose();
    expectError(() => use(model, zeros(shape)), StateError, 'Model: used after dispose()');
  });
});
