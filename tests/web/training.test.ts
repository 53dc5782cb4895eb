import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Adam,
  ArgumentTypeError,
  type BatchProgress,
  BatchNormalization,
  CategoricalCrossEntropy,
  type Dataset,
  Dense,
  Dropout,
  type EpochResult,
  init,
  type Layer,
  Model,
  MSE,
  oneHot,
  ReLU,
  RMSprop,
  SGD,
  ShapeError,
  StateError,
  type Tensor,
  type TrainOptions,
  ValueError,
  zeros,
} from 'lamella';
import { expectError, noise, paramValues, rejection, separable, values } from './support.js';

beforeAll(() => init());

function classifier(...between: Layer[]): Model {
  return new Model([new Dense(16, { inputSize: 2 }), new ReLU(), ...between, new Dense(2)], {
    loss: new CategoricalCrossEntropy(),
    optimizer: new Adam({ learningRate: 0.01 }),
    seed: 3,
  });
}

/** A model that learns nothing, so that every batch can be computed afterwards. */
function frozen(): Model {
  return new Model([new Dense(2, { inputSize: 2 })], {
    loss: new CategoricalCrossEntropy(),
    optimizer: new SGD({ learningRate: 0 }),
  });
}

function weightsOf(model: Model): Record<string, number[]>[] {
  return model.layers.map(paramValues);
}

async function expectRejection(
  body: Promise<unknown>,
  kind: abstract new (...args: never[]) => Error,
  ...parts: string[]
): Promise<void> {
  const error = await rejection(() => body);
  expectError(
    () => {
      throw error as Error;
    },
    kind,
    ...parts,
  );
}

describe('train', () => {
  test.each<[string, () => SGD | RMSprop | Adam]>([
    ['SGD', () => new SGD({ learningRate: 0.1, momentum: 0.9 })],
    ['RMSprop', () => new RMSprop({ learningRate: 0.01 })],
    ['Adam', () => new Adam({ learningRate: 0.01 })],
  ])('learns a separable problem with %s', async (_, optimizer) => {
    const model = new Model([new Dense(16, { inputSize: 2 }), new ReLU(), new Dense(2)], {
      loss: new CategoricalCrossEntropy(),
      optimizer: optimizer(),
    });
    const { x, y } = separable(500);
    const test = separable(500, 99);
    expect(model.evaluate(test.x, test.y).accuracy).toBeLessThan(0.95);
    const results = await model.train(x, y, { epochs: 20, batchSize: 32 });
    expect(model.evaluate(test.x, test.y).accuracy).toBeGreaterThan(0.95);
    expect(results).toHaveLength(20);
    expect((results.at(-1) as EpochResult).loss).toBeLessThan((results[0] as EpochResult).loss / 2);
  });

  test('takes tensors, nested arrays and flat typed arrays alike', async () => {
    const { x, y } = separable(50);
    const data: [Exclude<TrainOptions['validationData'], Dataset>, string][] = [
      [{ x, y }, 'tensors'],
      [{ x: x.toArray(), y: y.toArray() }, 'typed arrays'],
      [{ x: x.toNestedArray(), y: y.toNestedArray() }, 'nested arrays'],
    ];
    const weights: unknown[] = [];
    for (const [given] of data) {
      const model = classifier();
      await model.train(given?.x as Tensor, given?.y as Tensor, { validationData: given });
      weights.push(weightsOf(model));
    }
    expect(weights[1]).toEqual(weights[0]);
    expect(weights[2]).toEqual(weights[0]);
  });

  test('tells onBatch and onEpoch what it does', async () => {
    const { x, y } = separable(25);
    const model = frozen();
    const batches: BatchProgress[] = [];
    const epochs: EpochResult[] = [];
    const results = await model.train(x, y, {
      epochs: 2,
      batchSize: 10,
      shuffle: false,
      onBatch: (progress) => batches.push(progress),
      onEpoch: (result) => {
        epochs.push(result);
      },
    });
    expect(epochs).toEqual(results);
    expect(batches.map(({ epoch, batch, batches: all }) => [epoch, batch, all])).toEqual([
      [1, 1, 3],
      [1, 2, 3],
      [1, 3, 3],
      [2, 1, 3],
      [2, 2, 3],
      [2, 3, 3],
    ]);
    // The last batch has five samples.
    const rows = (t: Tensor, first: number, end: number): Float32Array =>
      t.toArray().subarray(2 * first, 2 * end);
    for (const [i, [first, end]] of [
      [0, 10],
      [10, 20],
      [20, 25],
    ].entries()) {
      const expected = model.evaluate(
        rows(x, first as number, end as number),
        rows(y, first as number, end as number),
      );
      expect(batches[i]?.loss).toBeCloseTo(expected.loss, 6);
      expect(batches[i]?.accuracy).toBeCloseTo(expected.accuracy as number, 12);
    }
    const whole = model.evaluate(x, y);
    for (const result of results) {
      expect(result.loss).toBeCloseTo(whole.loss, 6);
      expect(result.accuracy).toBeCloseTo(whole.accuracy as number, 12);
      expect(result.seconds).toBeGreaterThan(0);
      expect(result.samplesPerSecond).toBeGreaterThan(25 / result.seconds);
      expect('validationLoss' in result).toBe(false);
    }
    expect(results.map(({ epoch }) => epoch)).toEqual([1, 2]);
  });

  test('trains on the incomplete last batch as well', async () => {
    const run = async (count: number, batchSize: number): Promise<unknown> => {
      const { x, y } = separable(count);
      const model = classifier();
      await model.train(x, y, { batchSize, shuffle: false });
      return weightsOf(model);
    };
    expect(await run(9, 4)).not.toEqual(await run(8, 4));
    // One batch, however much larger it might be.
    expect(await run(9, 1000)).toEqual(await run(9, 9));
  });

  test('shuffles, unless told not to', async () => {
    const run = async (shuffle: boolean | undefined): Promise<unknown> => {
      const { x, y } = separable(40);
      const model = classifier();
      await model.train(x, y, { batchSize: 8, ...(shuffle === undefined ? {} : { shuffle }) });
      return weightsOf(model);
    };
    expect(await run(undefined)).toEqual(await run(true));
    expect(await run(false)).not.toEqual(await run(true));

    // Shuffled or not, an epoch sees every sample once.
    const { x, y } = separable(40);
    const model = frozen();
    const [result] = await model.train(x, y, { batchSize: 8 });
    expect(result?.loss).toBeCloseTo(model.evaluate(x, y).loss, 6);
  });

  test('equals trainBatch after trainBatch', async () => {
    const { x, y } = separable(20);
    const [whole, steps] = [classifier(), classifier()];
    await whole.train(x, y, { epochs: 3, batchSize: 20, shuffle: false });
    const losses = [1, 2, 3].map(() => steps.trainBatch(x, y).loss);
    expect(weightsOf(steps)).toEqual(weightsOf(whole));
    expect(losses[2]).toBeLessThan(losses[0] as number);
  });

  test('validates on the end of the data, which it does not train on', async () => {
    const { x, y } = separable(50);
    const end = { x: x.toArray().subarray(80), y: y.toArray().subarray(80) };
    const start = { x: x.toArray().subarray(0, 80), y: y.toArray().subarray(0, 80) };
    const split = classifier();
    const [result] = await split.train(x, y, { validationSplit: 0.2, batchSize: 8 });
    const expected = split.evaluate(end.x, end.y);
    expect(result?.validationLoss).toBeCloseTo(expected.loss, 6);
    expect(result?.validationAccuracy).toBeCloseTo(expected.accuracy as number, 12);

    const given = classifier();
    const [same] = await given.train(start.x, start.y, { validationData: end, batchSize: 8 });
    expect(weightsOf(given)).toEqual(weightsOf(split));
    expect(same?.validationLoss).toBe(result?.validationLoss);
  });

  test('validates in inference mode, leaving no trace', async () => {
    const { x, y } = separable(40);
    const validationData = separable(300, 5);
    const make = (): Model => classifier(new BatchNormalization(), new Dropout(0.3));
    const [without, validated] = [make(), make()];
    await without.train(x, y, { epochs: 2, batchSize: 8 });
    await validated.train(x, y, { epochs: 2, batchSize: 8, validationData });
    expect(weightsOf(validated)).toEqual(weightsOf(without));
    const state = (model: Model): number[] => values(model.layers[2]?.state['cache_v'] as Tensor);
    expect(state(validated)).toEqual(state(without));
  });

  test('has no accuracy where the loss is not about classes', async () => {
    const model = new Model([new Dense(1, { inputSize: 2 })], {
      loss: new MSE(),
      optimizer: new SGD(),
    });
    const [result] = await model.train(noise([20, 2]), noise([20, 1]), {
      validationSplit: 0.5,
      onBatch: (progress) => {
        expect('accuracy' in progress).toBe(false);
      },
    });
    expect(result?.validationLoss).toBeGreaterThan(0);
    expect(Object.keys(result as EpochResult).filter((key) => /ccuracy/.test(key))).toEqual([]);
  });

  test('waits for what onEpoch returns', async () => {
    const { x, y } = separable(10);
    const order: string[] = [];
    await classifier().train(x, y, {
      epochs: 2,
      onBatch: ({ epoch }) => order.push(`batch ${epoch}`),
      onEpoch: async ({ epoch }) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        order.push(`epoch ${epoch}`);
      },
    });
    expect(order).toEqual(['batch 1', 'epoch 1', 'batch 2', 'epoch 2']);
  });

  test.each(['onBatch', 'onEpoch'])('lets errors of %s through and stays usable', async (name) => {
    const { x, y } = separable(10);
    const model = classifier();
    const reason = new Error('mine');
    const options = {
      [name]: () => {
        throw reason;
      },
    };
    expect(await rejection(() => model.train(x, y, options))).toBe(reason);
    await model.train(x, y);
  });
});

describe('train refuses', () => {
  const { x, y } = { x: () => zeros([10, 2]), y: () => oneHot(new Uint8Array(10), 2) };

  test.each<[string, TrainOptions, string]>([
    ['0 epochs', { epochs: 0 }, 'epochs must be a whole number of at least 1, got 0'],
    ['half an epoch', { epochs: 0.5 }, 'epochs'],
    ['endless epochs', { epochs: Infinity }, 'epochs'],
    ['a batch size of 0', { batchSize: 0 }, 'batchSize'],
    ['a batch size of NaN', { batchSize: NaN }, 'batchSize'],
    ['a batch size of 1.5', { batchSize: 1.5 }, 'batchSize'],
    ['a split of 1', { validationSplit: 1 }, 'validationSplit must be in [0, 1), got 1'],
    ['a split of -0.1', { validationSplit: -0.1 }, 'validationSplit'],
    ['a split of NaN', { validationSplit: NaN }, 'validationSplit'],
  ])('%s', async (_, options, part) => {
    const model = classifier();
    const before = weightsOf(model);
    await expectRejection(model.train(x(), y(), options), ValueError, 'Model.train: ', part);
    expect(weightsOf(model)).toEqual(before);
  });

  test.each<[string, number[], number[], string]>([
    ['samples of another size', [10, 3], [10, 2], 'x must have shape [samples, 2], got [10, 3]'],
    ['answers of another size', [10, 2], [10, 3], 'y must have shape [samples, 2], got [10, 3]'],
    ['samples without a batch', [2], [2], 'x must have shape [samples, 2], got [2]'],
    ['more samples than answers', [10, 2], [9, 2], 'equally many samples'],
    ['no samples', [0, 2], [0, 2], 'at least one'],
  ])('%s', async (_, shapeX, shapeY, part) => {
    const model = classifier();
    const before = weightsOf(model);
    const training = model.train(zeros(shapeX), zeros(shapeY));
    await expectRejection(training, ShapeError, 'Model.train: ', part);
    expect(weightsOf(model)).toEqual(before);
  });

  test('validation data that does not fit, before it trains', async () => {
    const model = classifier();
    const before = weightsOf(model);
    const wrong = [
      { x: zeros([5, 3]), y: zeros([5, 2]) },
      { x: zeros([5, 2]), y: zeros([5, 1]) },
      { x: zeros([5, 2]), y: zeros([4, 2]) },
      { x: zeros([0, 2]), y: zeros([0, 2]) },
    ];
    for (const validationData of wrong) {
      const training = model.train(x(), y(), { validationData });
      await expectRejection(training, ShapeError, 'Model.train: validationData');
    }
    const none = { x: undefined, y: undefined } as unknown as TrainOptions['validationData'];
    const training = model.train(x(), y(), { validationData: none });
    await expectRejection(training, ArgumentTypeError, 'Model.train: validationData.x');
    expect(weightsOf(model)).toEqual(before);
  });

  test.each([5, 'x', null, undefined, {}])('%p as data', async (wrong) => {
    const training = classifier().train(wrong as Tensor, y());
    await expectRejection(training, ArgumentTypeError, 'Model.train: x');
  });

  test('to work without a loss or an optimizer', async () => {
    const without = new Model([new Dense(2, { inputSize: 2 })]);
    await expectRejection(without.train(x(), y()), StateError, 'the model has no loss');
    const loss = new MSE();
    const half = new Model([new Dense(2, { inputSize: 2 })], { loss });
    await expectRejection(half.train(x(), y()), StateError, 'the model has no optimizer');
    expectError(() => half.trainBatch(x(), y()), StateError, 'the model has no optimizer');
  });

  test('to train twice at a time, or to be disposed of meanwhile', async () => {
    const model = classifier();
    const seen: unknown[] = [];
    const training = model.train(x(), y(), {
      epochs: 3,
      onBatch: () => {
        expectError(
          () => {
            model.dispose();
          },
          StateError,
          'Model.dispose: the model is being trained',
        );
        seen.push('batch');
      },
    });
    await expectRejection(
      model.train(x(), y()),
      StateError,
      'Model.train: the model is being trai',
    );
    await training;
    expect(seen).toHaveLength(3);
    await model.train(x(), y());
    model.dispose();
    await expectRejection(model.train(x(), y()), StateError, 'Model: used after dispose()');
  });

  test('data that was disposed of meanwhile', async () => {
    const [samples, answers] = [x(), y()];
    const training = classifier().train(samples, answers, {
      batchSize: 5,
      onBatch: () => {
        samples.dispose();
      },
    });
    await expectRejection(training, StateError, 'Tensor: used after dispose()');
  });
});

describe('an AbortSignal', () => {
  test('that was aborted before stops the training before it starts', async () => {
    const { x, y } = separable(20);
    const model = classifier();
    const before = weightsOf(model);
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    expect(await rejection(() => model.train(x, y, { signal }))).toBe(reason);
    expect(weightsOf(model)).toEqual(before);
  });

  test('stops within one batch, after whole steps, and the model goes on', async () => {
    const { x, y } = separable(100);
    const [stopped, stepped] = [classifier(), classifier()];
    const controller = new AbortController();
    let batches = 0;
    const error = await rejection(() =>
      stopped.train(x, y, {
        batchSize: 10,
        shuffle: false,
        epochs: 100,
        signal: controller.signal,
        onBatch: () => {
          if (++batches === 7) controller.abort();
        },
      }),
    );
    expect(error).toBe(controller.signal.reason);
    expect((error as Error).name).toBe('AbortError');
    expect(batches).toBe(7);
    const flat = [x.toArray(), y.toArray()] as const;
    const part = { x: flat[0].subarray(0, 140), y: flat[1].subarray(0, 140) };
    await stepped.train(part.x, part.y, { batchSize: 10, shuffle: false });
    expect(weightsOf(stopped)).toEqual(weightsOf(stepped));
    const [result] = await stopped.train(x, y);
    expect(result?.epoch).toBe(1);
    expect(stopped.predict(x).shape).toEqual([100, 2]);
  });

  test('from a timer stops a long training soon', async () => {
    const { x, y } = separable(1000);
    const model = classifier();
    const start = performance.now();
    const signal = AbortSignal.timeout(100);
    const error = await rejection(() => model.train(x, y, { epochs: 1e6, batchSize: 50, signal }));
    expect((error as Error).name).toBe('TimeoutError');
    // A million epochs would take hours.
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test('during validation stops that too', async () => {
    const { x, y } = separable(10);
    const model = classifier();
    const controller = new AbortController();
    const reason = new Error('enough');
    let epochs = 0;
    const error = await rejection(() =>
      model.train(x, y, {
        batchSize: 10,
        epochs: 2,
        validationData: separable(200_000),
        signal: controller.signal,
        onBatch: () =>
          setTimeout(() => {
            controller.abort(reason);
          }, 1),
        onEpoch: () => {
          epochs++;
        },
      }),
    );
    expect(error).toBe(reason);
    expect(epochs).toBe(0);
  });
});

test('the event loop gets turns while a large model trains', async () => {
  const model = new Model([new Dense(128, { inputSize: 784 }), new ReLU(), new Dense(10)], {
    loss: new CategoricalCrossEntropy(),
    optimizer: new Adam(),
  });
  const [x, y] = [noise([4096, 784]), oneHot(new Uint8Array(4096), 10)];
  await model.train(x, y, { epochs: 1 });
  // In milliseconds of this process's own time, so that others on the machine do not count.
  const now = (): number => process.cpuUsage().user / 1000;
  const gaps: number[] = [];
  let last = now();
  const timer = setInterval(() => {
    gaps.push(now() - last);
    last = now();
  }, 1);
  const start = now();
  await model.train(x, y, { epochs: 5 });
  const duration = now() - start;
  clearInterval(timer);
  expect(gaps.length).toBeGreaterThan(duration / 50);
  expect(Math.max(...gaps)).toBeLessThan(50);
});
