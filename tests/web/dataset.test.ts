// Training from what gathers its samples: bit for bit as from arrays.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Adam,
  ArgumentTypeError,
  ArrayDataset,
  CategoricalCrossEntropy,
  CosineDecay,
  type Dataset,
  Dense,
  Dropout,
  type EpochResult,
  init,
  loadCheckpoint,
  Model,
  MSE,
  RMSE,
  ReLU,
  saveCheckpoint,
  ShapeError,
  SparseCategoricalCrossEntropy,
  type TrainOptions,
  ValueError,
  zeros,
} from 'lamella';
import { expectError, expectRejection, numbers, paramValues, rejection } from './support.js';

beforeAll(() => init());

const samples = 50;
const [inputs, outputs] = [4, 3];
const x = numbers(inputs * samples);
const labels = Uint8Array.from({ length: samples }, (_, i) => (i * i) % outputs);
const y = Float32Array.from({ length: outputs * samples }, (_, i) =>
  i % outputs === labels[Math.floor(i / outputs)] ? 1 : 0,
);

/** Dropout, so that random numbers count too. */
const layers = () => [
  new Dense(8, { inputSize: inputs }),
  new ReLU(),
  new Dropout(),
  new Dense(outputs),
];
const create = (): Model =>
  new Model(layers(), { loss: new CategoricalCrossEntropy(), optimizer: new Adam(), seed: 3 });

const copyRow = (from: Float32Array, row: number, to: Float32Array, place: number, size: number) =>
  to.set(from.subarray(row * size, (row + 1) * size), place * size);

/** The samples above; `wait` is what a gather waits for. */
function dataset(wait?: () => Promise<void>, first = 0): Dataset {
  return {
    length: samples - first,
    gather(indices, xBatch, yBatch) {
      const write = (): void => {
        for (const [i, index] of indices.entries()) {
          copyRow(x, first + index, xBatch, i, inputs);
          copyRow(y, first + index, yBatch, i, outputs);
        }
      };
      if (!wait) write();
      return wait?.().then(write);
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const weightsOf = ({ layers }: Model) => layers.map(paramValues);
const withoutTimes = (results: readonly EpochResult[]) =>
  results.map((result) => ({ ...result, seconds: 0, samplesPerSecond: 0 }));

describe('a Dataset trains to the same bits as arrays', () => {
  const held = { x: x.subarray(0, 20 * inputs), y: y.subarray(0, 20 * outputs) };
  const cases: Record<string, TrainOptions> = {
    'with defaults': { epochs: 3 },
    'in batches, the last one incomplete': { epochs: 3, batchSize: 7 },
    'in its own order': { epochs: 2, batchSize: 8, shuffle: false },
    'with a split': { epochs: 2, batchSize: 8, validationSplit: 0.3, metrics: [new RMSE()] },
    'with everything': {
      epochs: 6,
      batchSize: 9,
      validationData: held,
      metrics: [new RMSE()],
      classWeights: [1, 2, 0.5],
      schedule: new CosineDecay({ initial: 0.2, steps: 20 }),
      patience: 2,
      restoreBest: true,
    },
  };
  test.each(Object.entries(cases))('%s', async (_, options) => {
    const wanted = create();
    const results = await wanted.train(x, y, options);
    for (const wait of [undefined, turn]) {
      const got = create();
      expect(withoutTimes(await got.train(dataset(wait), options))).toEqual(withoutTimes(results));
      expect(weightsOf(got)).toEqual(weightsOf(wanted));
    }
  });

  test('validated on another one', async () => {
    const options = { epochs: 2, batchSize: 8, metrics: [new RMSE()] };
    const [wanted, got] = [create(), create()];
    const validationData = { x: x.subarray(30 * inputs), y: y.subarray(30 * outputs) };
    const results = await wanted.train(x, y, { ...options, validationData });
    const own = { ...options, validationData: dataset(turn, 30) };
    expect(withoutTimes(await got.train(dataset(), own))).toEqual(withoutTimes(results));
    // Beside arrays, too.
    expect(withoutTimes(await create().train(x, y, own))).toEqual(withoutTimes(results));
    expect(results[0]?.metrics).toHaveProperty('RMSE');
  });

  test('stopped and resumed, from a checkpoint as well, and with arrays in between', async () => {
    const wanted = create();
    await wanted.train(x, y, { epochs: 3, batchSize: 8 });
    const stopped = create();
    const stopAt = async (model: Model, last: number, arrays = false) => {
      const controller = new AbortController();
      const options = {
        batchSize: 8,
        resume: true,
        signal: controller.signal,
        onBatch: ({ batch }: { batch: number }) => {
          if (batch === last) controller.abort();
        },
      };
      const train = () =>
        arrays ? model.train(x, y, options) : model.train(dataset(turn), options);
      expect(((await rejection(train)) as Error).name).toBe('AbortError');
    };
    await stopAt(stopped, 2);
    const loaded = await loadCheckpoint(await saveCheckpoint(stopped));
    await stopAt(loaded, 4, true);
    await stopAt(loaded, 5);
    const results = await loaded.train(dataset(), { epochs: 3, batchSize: 8, resume: true });
    expect(results.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(loaded.epochs).toBe(3);
    expect(weightsOf(loaded)).toEqual(weightsOf(wanted));
    await expectRejection(
      async () => {
        await stopAt(loaded, 1);
        await loaded.train(dataset(undefined, 10), { resume: true });
      },
      ValueError,
      'the epoch to continue has 50 samples, got 40',
    );
  });
});

describe('gather', () => {
  test('is called for two batches ahead, each sample once, into zeros', async () => {
    const gathered: number[][] = [];
    const trained: number[] = [];
    const all: Dataset = {
      length: samples,
      gather: (indices, xBatch, yBatch) => {
        expect([xBatch, yBatch].every((batch) => batch.every((value) => value === 0))).toBe(true);
        expect([xBatch.length, yBatch.length]).toEqual([4 * indices.length, 3 * indices.length]);
        gathered.push(Array.from(indices));
        return dataset().gather(indices, xBatch, yBatch);
      },
    };
    await create().train(all, {
      batchSize: 10,
      onBatch: () => {
        trained.push(gathered.length);
      },
    });
    expect(trained).toEqual([3, 4, 5, 5, 5]);
    expect(gathered.flat().sort((a, b) => a - b)).toEqual(Array.from(labels.keys()));
  });

  test('may take class numbers, one a sample', async () => {
    const make = () =>
      new Model(layers(), { loss: new SparseCategoricalCrossEntropy(), optimizer: new Adam() });
    const [wanted, got] = [make(), make()];
    const options = { epochs: 2, batchSize: 16 };
    await wanted.train(x, labels, options);
    await got.train(new ArrayDataset({ x, y: labels, length: samples }), options);
    expect(weightsOf(got)).toEqual(weightsOf(wanted));
  });

  test.each(['throws', 'rejects'])('that %s ends the training when its turn comes', async (how) => {
    const mine = new Error('mine');
    const failing = (wrong: number): Dataset => {
      let calls = 0;
      const inner = dataset();
      return {
        length: samples,
        gather: (...batch) => {
          if (calls++ !== wrong) return inner.gather(...batch);
          if (how === 'throws') throw mine;
          return Promise.reject(mine);
        },
      };
    };
    const model = create();
    const before = weightsOf(model);
    expect(await rejection(() => model.train(failing(0), { batchSize: 10 }))).toBe(mine);
    expect([model.epochs, weightsOf(model)]).toEqual([0, before]);
    let batches = 0;
    const onBatch = () => {
      batches++;
    };
    expect(await rejection(() => model.train(failing(3), { batchSize: 10, onBatch }))).toBe(mine);
    expect([model.epochs, batches]).toEqual([1, 3]);
    // The rest of the epoch is still there.
    const wanted = create();
    await wanted.train(x, y, { batchSize: 10 });
    await model.train(dataset(), { batchSize: 10, resume: true });
    expect(weightsOf(model)).toEqual(weightsOf(wanted));
  });

  test('that never ends does not outlive an abort', async () => {
    const model = create();
    const controller = new AbortController();
    const reason = new Error('enough');
    const never = { length: samples, gather: () => new Promise<void>(() => undefined) };
    const training = model.train(never, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    expect(await rejection(() => training)).toBe(reason);
    expect(model.epochs).toBe(0);
    await model.train(dataset());
  });

  test('whose numbers are not finite is told of', async () => {
    const broken = (name: 'x' | 'y'): Dataset => ({
      length: samples,
      gather(indices, xBatch, yBatch) {
        void dataset().gather(indices, xBatch, yBatch);
        if (indices.includes(33)) ({ x: xBatch, y: yBatch })[name][0] = NaN;
      },
    });
    const options = { batchSize: 10, shuffle: false };
    const wanted = 'Model.train: epoch 1, batch 4: NaN or infinity in ';
    for (const name of ['x', 'y'] as const) {
      const model = new Model(layers(), { loss: new MSE(), optimizer: new Adam() });
      const train = () => model.train(broken(name), options);
      await expectRejection(train, ValueError, `${wanted}${name};`);
    }
  });

  test('whose array was given away is an error', async () => {
    const gather = (_: Uint32Array, xBatch: Float32Array): void => {
      structuredClone(xBatch, { transfer: [xBatch.buffer as ArrayBuffer] });
    };
    await expectRejection(
      () => create().train({ length: samples, gather }),
      ArgumentTypeError,
      'Dataset.gather: x must be an array or typed array',
    );
  });
});

test('what is no Dataset is refused', async () => {
  const model = create();
  const gather = (): void => undefined;
  for (const [length, kind] of [
    [0, ValueError],
    [2.5, ValueError],
    [undefined, ArgumentTypeError],
  ] as const) {
    await expectRejection(
      // @ts-expect-error -- it may have no length
      () => model.train({ length, gather }),
      kind,
      'Model.train: dataset: length must be a whole number of at least 1',
    );
  }
  const validationData = { length: -1, gather };
  await expectRejection(
    () => model.train(x, y, { validationData }),
    ValueError,
    'Model.train: validationData: length',
  );
  await expectRejection(
    // @ts-expect-error -- a Dataset has its own y
    () => model.train(dataset(), y, { epochs: 2 }),
    ArgumentTypeError,
    'takes a Dataset or batches, and options, or x, y and options',
  );
  // @ts-expect-error -- as above
  await expectRejection(() => model.train(dataset(), y), ArgumentTypeError, 'options must be');
  // @ts-expect-error -- it gathers nothing
  await expectRejection(() => model.train({ length: 5 }), ValueError, 'Model.train: x[0] must be');
  expect(model.epochs).toBe(0);
});

test('memory is flat', async () => {
  const model = create();
  const train = () => model.train(dataset(), { epochs: 20, validationSplit: 0.4, batchSize: 3 });
  await train();
  const memory = () => zeros([1]).view().buffer.byteLength;
  const before = memory();
  for (let i = 0; i < 10; i++) await train();
  expect(memory()).toBe(before);
});

describe('ArrayDataset', () => {
  const bytes = Uint8Array.from({ length: inputs * samples }, (_, i) => (i * 37) % 256);
  const floats = Float32Array.from(bytes, (byte) => byte * (1 / 255));

  test('scales bytes as they are gathered', async () => {
    const [wanted, got] = [create(), create()];
    const options = { epochs: 2, batchSize: 16 };
    await wanted.train(floats, y, options);
    const data = new ArrayDataset({ x: bytes, y, length: samples, scale: 1 / 255 });
    await got.train(data, options);
    expect(weightsOf(got)).toEqual(weightsOf(wanted));
  });

  test('can be extended', () => {
    class Backwards extends ArrayDataset {
      override gather(indices: Uint32Array, xBatch: Float32Array, yBatch: Float32Array): void {
        super.gather(
          indices.map((index) => this.length - 1 - index),
          xBatch,
          yBatch,
        );
      }
    }
    const data = new Backwards({ x: bytes, y: labels, length: samples });
    const [xBatch, yBatch] = [new Float32Array(inputs), new Float32Array(1)];
    data.gather(Uint32Array.of(0), xBatch, yBatch);
    expect(Array.from(xBatch)).toEqual(Array.from(bytes.subarray(-inputs)));
    expect(yBatch[0]).toBe(labels.at(-1));
  });

  test('refuses what does not fit', async () => {
    const make = (options: object) => () =>
      new ArrayDataset({ x: bytes, y, length: samples, ...options });
    expectError(make({ x: [1, 2] }), ArgumentTypeError, 'ArrayDataset: x must be a typed array');
    expectError(make({ y: undefined }), ArgumentTypeError, 'ArrayDataset: y must be a typed array');
    expectError(make({ length: 0 }), ValueError, 'ArrayDataset: length');
    expectError(make({ length: 7 }), ShapeError, 'x must hold a multiple of 7 numbers, got 200');
    expectError(make({ y: new Uint8Array() }), ShapeError, 'y must hold a multiple of 50', 'got 0');
    expectError(make({ scale: NaN }), ValueError, 'ArrayDataset: scale must be a finite number');
    expectError(
      make({ scales: 1 }),
      ValueError,
      "unknown option 'scales'",
      "did you mean 'scale'?",
    );
    await expectRejection(
      () => create().train(new ArrayDataset({ x: bytes, y: labels, length: samples })),
      ShapeError,
      'ArrayDataset: each sample has 1 numbers of y, the model takes 3',
    );
    expectError(
      () => make({})().gather(Uint32Array.of(samples), new Float32Array(4), new Float32Array(3)),
      ValueError,
      'there is no sample 50 among 50',
    );
  });
});
