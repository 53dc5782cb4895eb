// Nothing is ignored in silence, trains to nonsense or stays behind.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Accuracy,
  Adam,
  ArgumentTypeError,
  BatchNormalization,
  BinaryCrossEntropy,
  CategoricalCrossEntropy,
  confusionMatrix,
  Dense,
  Dropout,
  F1Score,
  Huber,
  init,
  type Layer,
  type Loss,
  MaxPooling2D,
  Model,
  MSE,
  type Optimizer,
  optimizerFromConfig,
  Precision,
  Recall,
  ReLU,
  RMSprop,
  SGD,
  ShapeError,
  Sigmoid,
  Softmax,
  SparseCategoricalCrossEntropy,
  StateError,
  tensor,
  TopKAccuracy,
  type TrainOptions,
  ValueError,
} from 'lamella';
import {
  type ErrorClass,
  expectError,
  expectRejection,
  paramValues,
  runInNode,
  values,
} from './support.js';

beforeAll(() => init());

const make = (optimizer: Optimizer = new SGD()): Model =>
  new Model([new Dense(1, { inputSize: 1 })], { loss: new MSE(), optimizer });

describe('options', () => {
  test.each<[string, (options: never) => unknown]>([
    ['SGD', (options) => new SGD(options)],
    ['RMSprop', (options) => new RMSprop(options)],
    ['Adam', (options) => new Adam(options)],
    ['Huber', (options) => new Huber(options)],
    ['ReLU', (options) => new ReLU(options)],
    ['BatchNormalization', (options) => new BatchNormalization(options)],
    ['Dense', (options) => new Dense(1, options)],
    ['Dropout', (options) => new Dropout(0.5, options)],
    ['MaxPooling2D', (options) => new MaxPooling2D(2, options)],
    ['Model', (options) => new Model([new Dense(1, { inputSize: 1 })], options)],
    ['Model.evaluate', (options) => make().evaluate([[1]], [[1]], options)],
    ['Model.predict', (options) => make().predict([[1]], options)],
    ['Model.profile', (options) => make().profile(tensor([[1]]), tensor([[1]]), options)],
  ])('of %s are an object of known names', (owner, call) => {
    for (const given of [0.5, 'fast', true, null, [1]]) {
      expectError(
        () => call(given as never),
        ArgumentTypeError,
        `${owner}: options must be an obj`,
      );
    }
    expectError(() => call({ optimiser: 1 } as never), ValueError, owner, 'optimiser');
  });

  test('of train() as well, and before anything happens', async () => {
    const model = make();
    const before = values(model.layers[0]?.params['weights']?.value ?? tensor([]));
    const wrong: [unknown, ErrorClass, string][] = [
      [5, ArgumentTypeError, 'Model.train: options must be an object'],
      [{ epoch: 200 }, ValueError, "Model.train: unknown option 'epoch'; known are: epochs"],
      [{ metrics: ['accuracy'] }, ArgumentTypeError, 'Model.train: metrics[0] must be a Metric'],
      [{ metrics: 'accuracy' }, ArgumentTypeError, 'Model.train: metrics must be an array'],
      [{ schedule: 0.1 }, ArgumentTypeError, 'Model.train: schedule must be a Schedule, got 0.1'],
      [{ signal: {} }, ArgumentTypeError, 'Model.train: signal must be an AbortSignal'],
      [{ onBatch: 'log' }, ArgumentTypeError, 'Model.train: onBatch must be a function'],
      [{ onEpoch: 1 }, ArgumentTypeError, 'Model.train: onEpoch must be a function, got 1'],
    ];
    for (const [options, kind, message] of wrong) {
      await expectRejection(
        () => model.train([[1]], [[1]], options as TrainOptions),
        kind,
        message,
      );
    }
    expect(model.epochs).toBe(0);
    expect(values(model.layers[0]?.params['weights']?.value ?? tensor([]))).toEqual(before);
  });

  test('left out mean neither decay nor momentum: a line of slope 1000 is found', async () => {
    const model = make(new SGD({ learningRate: 0.5 }));
    const x = Array.from({ length: 21 }, (_, i) => [i / 20]);
    const y = x.map(([value = 0]) => [1000 * value]);
    await model.train(x, y, { epochs: 1500, batchSize: 21 });
    expect(values(model.predict([[1]]))[0]).toBeCloseTo(1000, 0);
  });
});

describe('an optimizer', () => {
  test('has one model', () => {
    const shared = new Adam();
    make(shared);
    expectError(() => make(shared), StateError, 'this Adam is the optimizer of another');
    make(optimizerFromConfig({ type: 'Adam', ...shared.getConfig() }));
  });

  test('is free after a model that could not be made', () => {
    const optimizer = new SGD();
    expectError(() => new Model([], { optimizer }), ValueError);
    make(optimizer);
  });
});

describe('callbacks', () => {
  test('are awaited one after the other', async () => {
    const told: string[] = [];
    await make().train([[1], [2]], [[1], [2]], {
      batchSize: 1,
      onBatch: async ({ batch }) => {
        told.push(`${batch} begins`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        told.push(`${batch} ends`);
      },
    });
    expect(told).toEqual(['1 begins', '1 ends', '2 begins', '2 ends']);
  });

  test.each(['onBatch', 'onEpoch'])('end the training with what %s rejects with', async (name) => {
    const error = new Error('mine');
    const model = make();
    await expect(model.train([[1]], [[1]], { [name]: () => Promise.reject(error) })).rejects.toBe(
      error,
    );
    await model.train([[1]], [[1]]);
  });
});

describe('NaN and single outputs', () => {
  const nan = (): ReturnType<typeof tensor> =>
    tensor([
      [NaN, NaN, NaN],
      [0, NaN, 1],
    ]);

  test('NaN is right in no metric', () => {
    for (const labels of [
      [0, 1],
      [1, 2],
      [2, 0],
    ]) {
      for (const k of [1, 2, 3, 4]) {
        expect(
          new TopKAccuracy(k).compute(tensor([[NaN, NaN, NaN]]), tensor([k - 1].map((v) => v % 3))),
        ).toBe(0);
      }
      expect(new Accuracy().compute(nan(), tensor(labels))).toBe(0);
      expect(new Recall().compute(nan(), tensor(labels))).toBe(0);
    }
    expect(
      confusionMatrix(nan(), tensor([0, 1]))
        .flat()
        .every((value) => value === 0),
    ).toBe(true);
    expectError(() => new Accuracy().compute(nan(), nan()), ValueError, 'got NaN');
  });

  test('several labels a sample are told by rows that do not sum to 1', () => {
    const expected = tensor([
      [1, 1, 0],
      [0, 0, 0],
    ]);
    const perfect = tensor([
      [0.9, 0.8, 0.1],
      [0.2, 0.1, 0.3],
    ]);
    const half = tensor([
      [0.9, 0.2, 0.1],
      [0.2, 0.9, NaN],
    ]);
    for (const metric of [new Accuracy(), new Precision(), new Recall(), new F1Score()]) {
      expect(metric.compute(perfect, expected)).toBe(1);
    }
    expect(new Precision().compute(half, expected)).toBe(1 / 2);
    expect(new Recall().compute(half, expected)).toBe(1 / 2);
    expect(new F1Score().compute(half, expected)).toBe(1 / 2);
    expect(new Accuracy().compute(half, expected)).toBe(3 / 6);
  });

  test('100 000 classes take memory for each, not for each pair', () => {
    const classes = 100_000;
    const one = new Float32Array(classes);
    one[7] = 1;
    const row = tensor(one, [1, classes]);
    expect(new Accuracy().compute(row, tensor([7]))).toBe(1);
    expect(new Recall().compute(row, tensor([8]))).toBe(0);
  });

  test('NaN is right in no loss', () => {
    const model = (loss: CategoricalCrossEntropy | SparseCategoricalCrossEntropy): Model =>
      new Model([new ReLU()], { inputShape: [3], loss });
    const data = [
      [NaN, NaN, NaN],
      [NaN, 0, 1],
    ];
    const oneHot = [
      [1, 0, 0],
      [1, 0, 0],
    ];
    expect(model(new CategoricalCrossEntropy()).evaluate(data, oneHot).accuracy).toBe(0);
    expect(model(new SparseCategoricalCrossEntropy()).evaluate(data, [0, 0]).accuracy).toBe(0);
  });

  test('a last activation must be the one of the loss', () => {
    const last = (activation: Layer, loss: Loss): Model =>
      new Model([new Dense(2, { inputSize: 2 }), activation], { loss });
    const [binary, categorical] = [new BinaryCrossEntropy(), new CategoricalCrossEntropy()];
    const sparse = new SparseCategoricalCrossEntropy();
    expectError(() => last(new Softmax(), binary), ValueError, 'BinaryCrossEntropy', 'Softmax');
    expectError(() => last(new Sigmoid(), categorical), ValueError, 'Categorical', 'Sigmoid');
    expectError(() => last(new Sigmoid(), sparse), ValueError, 'SparseCategorical', 'Sigmoid');
    last(new Softmax(), categorical);
    last(new Sigmoid(), binary);
  });

  test('answers must be what the loss understands', async () => {
    const x = tensor([[1, 2]]);
    const check = async (loss: Loss, y: number[], ...parts: string[]): Promise<void> => {
      const model = new Model([new Dense(2, { inputSize: 2 })], { loss, optimizer: new SGD() });
      const before = paramValues(model.layers[0] as Dense);
      await expectRejection(() => model.train(x, [y]), ValueError, loss.type, ...parts);
      expectError(() => model.trainBatch(x, tensor([y])), ValueError, loss.type, ...parts);
      expectError(() => model.evaluate(x, [y]), ValueError, loss.type, ...parts);
      expectError(() => loss.value(x, tensor([y])), ValueError, loss.type, ...parts);
      expect(paramValues(model.layers[0] as Dense)).toEqual(before);
    };
    const remedy = 'several labels a sample want BinaryCrossEntropy';
    const categorical = new CategoricalCrossEntropy();
    await check(categorical, [1, 1], '2 as the sum', remedy);
    await check(categorical, [0, 0], '0 as the sum');
    await check(categorical, [2, -1], '-1 as the least');
    await check(categorical, [0.5, 0.498], '0.99799');
    await check(categorical, [NaN, 1], 'NaN');
    const binary = new BinaryCrossEntropy();
    await check(binary, [0, 1.5], 'from 0 to 1, got 1.5');
    await check(binary, [-1, 1], 'got -1');
    await check(binary, [0, NaN], 'got NaN');
    for (const soft of [
      [0.3, 0.7],
      [1, 0],
      [0.333, 0.6665],
    ]) {
      expect(categorical.value(x, tensor([soft]))).toBeGreaterThan(0);
      expect(binary.value(x, tensor([soft]))).toBeGreaterThan(0);
    }
  });

  test.each([CategoricalCrossEntropy, SparseCategoricalCrossEntropy])(
    'one output has no classes for %p',
    (Loss) => {
      expectError(
        () => new Model([new Dense(1, { inputSize: 2 })], { loss: new Loss() }),
        ShapeError,
        'at least 2 classes',
        'BinaryCrossEntropy',
      );
    },
  );
});

test('looking at models that are disposed of leaves nothing behind', async () => {
  const [models, bytes] = (await runInNode(`
    import { Dense, init, Model, MSE, SGD, tensor, zeros } from 'lamella';
    await init();
    const x = zeros([1, 1024]), y = zeros([1, 1024]);
    let models = 0;
    for (; models < 40; models++) {
      const layer = new Dense(1024, { inputSize: 1024 });
      const model = new Model([layer], { loss: new MSE(), optimizer: new SGD() });
      model.summary();
      model.profile(x, y, { repeats: 1 });
      layer.loadParams({ biases: y });
      model.dispose();
    }
    report([models, tensor([1]).view().buffer.byteLength]);
  `)) as [number, number];
  expect(models).toBe(40);
  expect(bytes).toBeLessThan(100e6);
});
