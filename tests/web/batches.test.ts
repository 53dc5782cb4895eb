// Training on batches from generators and other iterables.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Adam,
  ArgumentTypeError,
  CosineDecay,
  Dense,
  Dropout,
  init,
  loadCheckpoint,
  Model,
  MSE,
  ReLU,
  RMSE,
  saveCheckpoint,
  ShapeError,
  StateError,
  tensor,
  type TrainBatch,
  type TrainOptions,
  ValueError,
  zeros,
} from 'lamella';
import { csvBatches } from 'lamella/data';
import { expectRejection, numbers, paramValues, rejection } from './support.js';

beforeAll(() => init());

const [inputs, outputs, size, count] = [4, 3, 8, 6];
const x = numbers(inputs * size * count);
const y = numbers(outputs * size * count);

const create = (): Model =>
  new Model([new Dense(8, { inputSize: inputs }), new ReLU(), new Dropout(), new Dense(outputs)], {
    loss: new MSE(),
    optimizer: new Adam(),
    seed: 3,
  });
const weightsOf = ({ layers }: Model) => layers.map(paramValues);

const part = (data: Float32Array, width: number, i: number) =>
  data.slice(i * size * width, (i + 1) * size * width);
const batch = (i: number): TrainBatch => ({ x: part(x, inputs, i), y: part(y, outputs, i) });

function* some(first = 0, end = count): Generator<TrainBatch> {
  for (let i = first; i < end; i++) yield batch(i);
}
async function* later(): AsyncGenerator<TrainBatch> {
  for (const each of some()) {
    await new Promise((resolve) => setTimeout(resolve));
    yield each;
  }
}

describe('batches train to the same bits as arrays in their order', () => {
  const sequences: Record<string, () => Iterable<TrainBatch> | AsyncIterable<TrainBatch>> = {
    'a generator': some,
    'an async generator': later,
    'a set': () => new Set(some()),
    'tensors, freed when the generator goes on': function* () {
      for (const { x: xs, y: ys } of some()) {
        const own = [
          tensor(xs as Float32Array, [size, inputs]),
          tensor(ys as Float32Array, [size, outputs]),
        ] as const;
        yield { x: own[0], y: own[1] };
        for (const each of own) each.dispose();
      }
    },
    'arrays that are used again': function* () {
      const own = { x: new Float32Array(size * inputs), y: new Float32Array(size * outputs) };
      for (const { x: xs, y: ys } of some()) {
        own.x.set(xs as Float32Array);
        own.y.set(ys as Float32Array);
        yield own;
        own.x.fill(NaN);
      }
    },
  };
  const held = { x: x.slice(0, 2 * inputs), y: y.slice(0, 2 * outputs) };
  const cases: Record<string, TrainOptions> = {
    'with defaults': {},
    'with everything': {
      epochs: 5,
      validationData: held,
      metrics: [new RMSE()],
      schedule: new CosineDecay({ initial: 0.2, steps: 20 }),
      patience: 1,
      restoreBest: true,
    },
  };
  describe.each(Object.entries(sequences))('%s', (_, sequence) => {
    test.each(Object.entries(cases))('%s', async (__, options) => {
      const [wanted, got] = [create(), create()];
      const results = await wanted.train(x, y, { ...options, batchSize: size, shuffle: false });
      const progress: number[][] = [];
      const found = await got.train(sequence, {
        ...options,
        onBatch: ({ batch: i, batches }) => {
          progress.push([i, batches]);
        },
      });
      expect(weightsOf(got)).toEqual(weightsOf(wanted));
      const known = (all: typeof results) =>
        all.map((result) => ({ ...result, seconds: 0, samplesPerSecond: 0 }));
      expect(known(found)).toEqual(known(results));
      expect(found[0]?.samplesPerSecond).toBeGreaterThan(0);
      expect(progress.slice(0, count).map(([i]) => i)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(progress[0]?.[1]).toBe(Infinity);
      expect(got.epochs).toBe(results.length);
    });
  });

  test('of different sizes, each sample counting once in the loss', async () => {
    const [wanted, got] = [create(), create()];
    const first = { x: x.slice(0, inputs), y: y.slice(0, outputs) };
    const rest = { x: x.slice(inputs), y: y.slice(outputs) };
    wanted.trainBatch(tensor(first.x, [1, inputs]), tensor(first.y, [1, outputs]));
    const losses: number[] = [];
    const [result] = await got.train([first, rest].values(), {
      onBatch: ({ loss }) => {
        losses.push(loss);
      },
    });
    const samples = size * count;
    const mean = ((losses[0] ?? 0) + (samples - 1) * (losses[1] ?? 0)) / samples;
    expect(result?.loss).toBeCloseTo(mean, 6);
  });
});

describe('stepsPerEpoch', () => {
  test('goes on with the batches from one epoch to the next, and begins them anew', async () => {
    let begun = 0;
    const seen: [number, number, number][] = [];
    const model = create();
    const wanted = create();
    await wanted.train(() => some(), { epochs: 2 });
    const results = await model.train(
      () => {
        begun++;
        return some();
      },
      {
        epochs: 3,
        stepsPerEpoch: 4,
        onBatch: ({ epoch, batch: i, batches }) => {
          seen.push([epoch, i, batches]);
        },
      },
    );
    expect(results).toHaveLength(3);
    expect(seen.slice(3, 5)).toEqual([
      [1, 4, 4],
      [2, 1, 4],
    ]);
    // The batch asked for ahead is the first of a third pass.
    expect(begun).toBe(3);
    expect(weightsOf(model)).toEqual(weightsOf(wanted));
  });

  test('takes what it needs of batches without end, and closes them', async () => {
    let made = 0;
    let isClosed = false;
    function* endless(): Generator<TrainBatch> {
      try {
        for (;;) yield batch(made++ % count);
      } finally {
        isClosed = true;
      }
    }
    await create().train(endless(), { epochs: 2, stepsPerEpoch: 3 });
    await new Promise((resolve) => setTimeout(resolve));
    expect([made, isClosed]).toEqual([7, true]);
  });

  test('is for batches', async () => {
    await expectRejection(
      () => create().train(x, y, { stepsPerEpoch: 2 }),
      ValueError,
      'Model.train: there is no stepsPerEpoch for samples',
    );
  });
});

test('the next batch is asked for before one trains', async () => {
  const log: string[] = [];
  async function* logged(): AsyncGenerator<TrainBatch> {
    for (let i = 0; i < 3; i++) {
      log.push(`make ${i}`);
      await Promise.resolve();
      yield batch(i);
    }
  }
  await create().train(logged, {
    onBatch: ({ batch: i }) => {
      log.push(`trained ${i - 1}`);
    },
  });
  expect(log).toEqual(['make 0', 'make 1', 'trained 0', 'make 2', 'trained 1', 'trained 2']);
});

test('an abort ends the wait for a batch that never comes', async () => {
  const model = create();
  const reason = new Error('enough');
  const controller = new AbortController();
  async function* stuck(): AsyncGenerator<TrainBatch> {
    yield batch(0);
    await new Promise(() => undefined);
  }
  const training = model.train(stuck, { signal: controller.signal });
  setTimeout(() => controller.abort(reason), 20);
  expect(await rejection(() => training)).toBe(reason);
  // It is no epoch to resume, and the model is as usable as before.
  const loaded = await loadCheckpoint(await saveCheckpoint(model));
  expect(loaded.epochs).toBe(1);
  const options = { resume: true, batchSize: size };
  expect(await loaded.train(x, y, options)).toHaveLength(1);
  await model.train(x, y, options);
  expect(weightsOf(loaded)).toEqual(weightsOf(model));
});

describe('refused is', () => {
  test.each([
    ['batchSize', { batchSize: 8 }],
    ['shuffle', { shuffle: true }],
    ['validationSplit', { validationSplit: 0.5 }],
    ['resume', { resume: true }],
  ])('%s', async (name, options) => {
    const model = create();
    await expectRejection(
      () => model.train(some(), options),
      ValueError,
      `Model.train: there is no ${name} for batches`,
    );
    expect(model.epochs).toBe(0);
  });

  test('a generator for a second epoch', async () => {
    const model = create();
    const wanted = create();
    await wanted.train(some());
    await expectRejection(
      () => model.train(some(), { epochs: 2 }),
      ValueError,
      'Model.train: there are no batches left',
      'give its function',
    );
    expect(model.epochs).toBe(1);
    expect(weightsOf(model)).toEqual(weightsOf(wanted));
    await expectRejection(() => model.train(new Set<TrainBatch>()), ValueError, 'no batches');
    expect(model.epochs).toBe(1);
  });

  test('a batch that does not fit', async () => {
    const wrong = (data: unknown) => [data as TrainBatch].values();
    const cases = [
      [
        { x: x.slice(0, 5), y: y.slice(0, 3) },
        ShapeError,
        'Model.train: batch.x must hold a multiple of 4',
      ],
      [
        { x: x.slice(0, 8), y: y.slice(0, 3) },
        ShapeError,
        'Model.train: batch must hold equally many',
      ],
      [
        { x: zeros([4, 2]), y: zeros([4, 3]) },
        ShapeError,
        'Model.train: batch.x must have shape [samples, 4]',
      ],
      [{ x: x.slice(0, 4) }, ArgumentTypeError, 'Model.train: batch.y must be'],
      [undefined, ArgumentTypeError, 'Model.train: batch.x must be'],
      [7, ArgumentTypeError, 'Model.train: batch.x must be'],
    ] as const;
    for (const [data, kind, message] of cases) {
      const model = create();
      await expectRejection(() => model.train(wrong(data)), kind, message);
      expect(model.epochs).toBe(0);
    }
  });

  test('what is no sequence, or has a y beside it', async () => {
    const model = create();
    await expectRejection(
      // @ts-expect-error -- a function of a number
      () => model.train(() => 5),
      ArgumentTypeError,
      'Model.train: batches must be iterable, got 5',
    );
    await expectRejection(
      // @ts-expect-error -- batches have their own y
      () => model.train(some(), y, {}),
      ArgumentTypeError,
      'Model.train: takes a Dataset or batches, and options',
    );
    await expectRejection(
      () => model.train(some(), { metrics: [new RMSE()] }),
      ValueError,
      'metrics need validationData',
    );
  });
});

test('what a generator throws ends the training when its turn comes', async () => {
  const mine = new Error('mine');
  function* failing(): Generator<TrainBatch> {
    yield* some(0, 2);
    throw mine;
  }
  const model = create();
  let steps = 0;
  const training = model.train(failing, {
    onBatch: () => {
      steps++;
    },
  });
  expect(await rejection(() => training)).toBe(mine);
  expect([steps, model.epochs]).toEqual([2, 1]);
  function* none(): Generator<TrainBatch> {
    throw mine;
    yield batch(0);
  }
  expect(await rejection(() => model.train(none))).toBe(mine);
  expect(model.epochs).toBe(1);
  await model.train(some);
});

test('NaN is told of, with the batch it is in', async () => {
  function* broken(): Generator<TrainBatch> {
    yield batch(0);
    yield { x: part(x, inputs, 1).fill(NaN), y: part(y, outputs, 1) };
  }
  await expectRejection(
    () => create().train(broken),
    ValueError,
    'Model.train: epoch 1, batch 2: NaN or infinity in x;',
  );
});

test('a model that is disposed of in between is an error', async () => {
  const model = create();
  const training = model.train(later);
  expect(() => model.dispose()).toThrow(StateError);
  await training;
  model.dispose();
});

test('memory is flat', async () => {
  const model = create();
  const memory = () => zeros([1]).view().buffer.byteLength;
  const rows = 2 ** 14;
  const large = { x: new Float32Array(rows * inputs), y: new Float32Array(rows * outputs) };
  const train = (steps: number) => model.train(Array(steps).fill(large).values());
  await train(3);
  const before = memory();
  // 23 MB in all.
  await train(50);
  expect(memory()).toBe(before);
});

test('rows of a CSV file train as they come', async () => {
  const header = 'a,b,c,d,kind';
  const rows = Array.from({ length: 20 }, (_, i) => `${i},${i * 2},0.5,-1,${'xyz'[i % 3]}`);
  const text = [header, ...rows].join('\r\n');
  const types = { kind: ['x', 'y', 'z'] };
  const options = { label: 'kind', types, oneHot: true, batchSize: 8 };
  const sizes: number[] = [];
  for await (const { x: xs } of csvBatches(text, options)) sizes.push(xs.length);
  expect(sizes).toEqual([32, 32, 16]);
  const results = await create().train(csvBatches(text, options), { epochs: 2 });
  expect(results).toHaveLength(2);
});

test('an array of batches, and a function that gives one, are batches', async () => {
  const array = Array.from({ length: count }, (_, i) => ({
    x: tensor(x.slice(i * inputs * size, (i + 1) * inputs * size), [size, inputs]),
    y: tensor(y.slice(i * outputs * size, (i + 1) * outputs * size), [size, outputs]),
  }));
  const [given, made, iterated] = [create(), create(), create()];
  await given.train(array, { epochs: 2 });
  await made.train(() => array, { epochs: 2 });
  await iterated.train(() => array.values(), { epochs: 2 });
  expect(weightsOf(given)).toEqual(weightsOf(iterated));
  expect(weightsOf(made)).toEqual(weightsOf(iterated));
});
