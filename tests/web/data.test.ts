// The helpers of lamella/data that make data sets of data sets.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Adam,
  BatchNormalization,
  Dense,
  init,
  MAE,
  Model,
  MSE,
  ShapeError,
  tensor,
  ValueError as MainValueError,
} from 'lamella';
import {
  ArgumentTypeError,
  batches,
  type Dataset,
  fromArrays,
  map,
  type ShapedDataset,
  shuffle,
  split,
  standardise,
  take,
  ValueError,
} from 'lamella/data';
import { createWorkerClient } from 'lamella/worker';
import { expectError, expectRejection, numbers, paramValues } from './support.js';

beforeAll(() => init());

/** Samples [i, 10 i], each with the expected output i. */
const counted = (length: number) =>
  fromArrays(
    Array.from({ length }, (_, i) => [i, 10 * i]),
    Array.from({ length }, (_, i) => i),
  );

/** The samples of a data set, in order. */
async function all(dataset: ShapedDataset): Promise<{ x: number[]; y: number[] }> {
  const found = { x: [] as number[], y: [] as number[] };
  for await (const { x, y } of batches(dataset, 7)) {
    found.x.push(...x);
    found.y.push(...y);
  }
  return found;
}

test('errors are of the same classes as those of lamella', () => {
  expect(ValueError).toBe(MainValueError);
});

describe('fromArrays', () => {
  test('takes nested and typed arrays', async () => {
    const nested = fromArrays(
      [[[1, 2]], [[3, 4]]],
      [
        [0, 1],
        [1, 0],
      ],
    );
    expect([nested.length, nested.xShape, nested.yShape]).toEqual([2, [1, 2], [2]]);
    expect(await all(nested)).toEqual({ x: [1, 2, 3, 4], y: [0, 1, 1, 0] });
    const bytes = fromArrays(Uint8Array.of(0, 255, 51, 0), Uint8Array.of(3, 1), {
      xShape: [2],
      scale: 1 / 255,
    });
    expect([bytes.length, bytes.xShape, bytes.yShape]).toEqual([2, [2], []]);
    const { x, y } = await all(bytes);
    expect([x.map((value) => +value.toFixed(6)), y]).toEqual([
      [0, 1, 0.2, 0],
      [3, 1],
    ]);
  });

  test('refuses what does not fit', () => {
    const make = (x: unknown, y: unknown, options?: object) => () =>
      fromArrays(x as number[], y as number[], options);
    expectError(
      make([[1, 2], [3]], [0, 1]),
      ShapeError,
      'fromArrays: x[1] must have 2 items, got 1',
    );
    expectError(
      make([[1], 3], [0, 1]),
      ArgumentTypeError,
      'fromArrays: x[1] must be an array of 1',
    );
    expectError(make([1, [3]], [0, 1]), ArgumentTypeError, 'fromArrays: x[1] must be a number');
    expectError(make([1, 2], [0]), ShapeError, 'equally many samples', 'got 2 and 1');
    expectError(make([], []), ShapeError, 'at least one');
    expectError(
      make('ab', [0]),
      ArgumentTypeError,
      'fromArrays: x must be an array or typed array',
    );
    expectError(make(new Float32Array(3), [0]), ArgumentTypeError, 'fromArrays: xShape must be');
    const typed = new Float32Array(3);
    expectError(make(typed, [0], { xShape: [2] }), ShapeError, 'samples of 2 numbers, [2]; got 3');
    expectError(
      make([[1]], [0], { xShape: [2] }),
      ShapeError,
      'x must hold samples of [2], got [1]',
    );
    expectError(make([[1]], [0], { scale: NaN }), ValueError, 'scale must be a finite number');
    expectError(make([[1]], [0], { shape: [1] }), ValueError, "unknown option 'shape'");
  });

  test('is gathered by a worker, whose types it has', async () => {
    const client = await createWorkerClient();
    const layers = [{ type: 'Dense', outputSize: 1, inputSize: 2 }] as const;
    const model = await client.model(layers, {
      loss: { type: 'MSE' },
      optimizer: { type: 'Adam' },
    });
    const [result] = await model.train(counted(8));
    expect(result?.loss).toBeGreaterThan(0);
    expect(await model.train(split(counted(8), 0.5)[0])).toHaveLength(1);
    client.dispose();
  });
});

describe('shuffle', () => {
  test('takes each sample once, in an order of the seed, far from the one before', async () => {
    const data = counted(1000);
    const orders = [];
    for (const seed of [0, 1, 2, 2 ** 32, 2 ** 53 - 1]) {
      const { x, y } = await all(shuffle(data, seed));
      expect(x.filter((_, i) => i % 2 === 1)).toEqual(y.map((value) => 10 * value));
      expect([...y].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
      expect((await all(shuffle(data, seed))).y).toEqual(y);
      // Of a random permutation 1 is expected to stay, with deviation 1, and to follow its neighbour.
      for (const shift of [0, 1]) {
        const same = y.filter((value, i) => value === (i === 0 ? -1 : (y[i - 1] ?? 0) + shift));
        expect(same.length).toBeLessThan(8);
      }
      expect(y.filter((value, i) => value === i).length).toBeLessThan(8);
      orders.push(y.join());
    }
    expect(new Set(orders).size).toBe(5);
  });

  test('puts each sample in each place about equally often', async () => {
    const seen = Array.from({ length: 5 }, () => new Array<number>(5).fill(0));
    const runs = 5000;
    for (let seed = 0; seed < runs; seed++) {
      const y = new Float32Array(5);
      await shuffle(counted(5), seed).gather(
        Uint32Array.of(0, 1, 2, 3, 4),
        new Float32Array(10),
        y,
      );
      y.forEach((value, i) => {
        const row = seen[i] as number[];
        row[value] = (row[value] ?? 0) + 1;
      });
    }
    // Binomial with p = 1/5: 5 deviations of sqrt(n p (1 - p)).
    const bound = 5 * Math.sqrt((runs * 0.2 * 0.8) / 1);
    for (const times of seen.flat()) expect(Math.abs(times - runs / 5)).toBeLessThan(bound);
  });
});

describe('split and take', () => {
  test('share the samples out, drawn by the seed or in their order', async () => {
    const data = counted(10);
    for (const options of [undefined, { seed: 4 }, { shuffle: false }]) {
      const [first, second] = split(data, 0.7, options);
      expect([first.length, second.length, first.xShape]).toEqual([7, 3, [2]]);
      const ys = [...(await all(first)).y, ...(await all(second)).y];
      if (options?.shuffle === false) expect(ys).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      else expect(ys).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(ys.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
    expect(split(counted(3), 0.01)[0].length).toBe(1);
    expect(split(counted(3), 0.99)[1].length).toBe(1);
    expect((await all(take(data, 3))).y).toEqual([0, 1, 2]);
    expect(take(data, 30).length).toBe(10);
    expect((await all(take(split(data, 0.5, { shuffle: false })[1], 2))).y).toEqual([5, 6]);
  });

  test('take data sets without shapes, and keep what they know of their samples', async () => {
    const plain: Dataset = { length: 4, gather: (indices, x) => x.set(indices) };
    const x = new Float32Array(2);
    await shuffle(plain, 1).gather(Uint32Array.of(0, 3), x, new Float32Array(2));
    expect(new Set(x).size).toBe(2);
    const named = Object.assign(counted(4), { classes: ['a', 'b'], other: 1 });
    const [part] = split(named, 0.5);
    expect(part.classes).toEqual(['a', 'b']);
    expect(part).not.toHaveProperty('other');
  });

  test('refuse what makes no sense', () => {
    const data = counted(4);
    expectError(
      () => split(data, 1),
      ValueError,
      'split: fraction must be above 0 and below 1, got 1',
    );
    expectError(() => split(counted(1), 0.5), ValueError, 'of 1 sample has no two parts');
    // @ts-expect-error -- an option that there is not
    expectError(() => split(data, 0.5, { sead: 1 }), ValueError, 'known are: shuffle, seed');
    expectError(() => split(data, 0.5, { seed: -1 }), ValueError, 'split: seed');
    expectError(() => take(data, 0), ValueError, 'take: count');
    expectError(() => shuffle(data, 0.5), ValueError, 'shuffle: seed');
    // @ts-expect-error -- no data set
    expectError(() => shuffle([1, 2]), ArgumentTypeError, 'shuffle: dataset must be a Dataset');
    const [part] = split(data, 0.5);
    const gather = () => part.gather(Uint32Array.of(2), new Float32Array(2), new Float32Array(1));
    expectError(gather, ValueError, 'there is no sample 2 among 2');
  });
});

describe('map', () => {
  test('makes samples anew as they are gathered, of other shapes as well', async () => {
    const sums = map(counted(3), ({ x, y }) => ({ x: [(x[0] ?? 0) + (x[1] ?? 0)], y }), {
      xShape: [1],
    });
    expect([sums.xShape, sums.yShape]).toEqual([[1], []]);
    expect(await all(sums)).toEqual({ x: [0, 11, 22], y: [0, 1, 2] });
    const data = counted(3);
    const later = map(data, async (sample) => {
      await Promise.resolve();
      sample.x[0] = -1;
      return sample;
    });
    expect((await all(later)).x).toEqual([-1, 0, -1, 10, -1, 20]);
    expect((await all(data)).x).toEqual([0, 0, 1, 10, 2, 20]);
  });

  test('refuses what is not of the shape, and passes on what is thrown', async () => {
    const gatherOf = (change: () => unknown) => () => all(map(counted(3), change as never));
    await expectRejection(
      gatherOf(() => ({ x: [1], y: [1] })),
      ShapeError,
      'map: x of a sample must have 2 numbers, got 1',
    );
    await expectRejection(
      gatherOf(() => undefined),
      ArgumentTypeError,
      'map: x must be an array',
    );
    const mine = new Error('mine');
    await expect(
      gatherOf(() => {
        throw mine;
      })(),
    ).rejects.toBe(mine);
    const plain: Dataset = { length: 4, gather: () => undefined };
    expectError(
      () => map(plain as ShapedDataset, (sample) => sample),
      ArgumentTypeError,
      'map: dataset.xShape must be',
    );
    // @ts-expect-error -- no function
    expectError(() => map(counted(3), 5), ArgumentTypeError, 'map: change must be a function');
  });
});

describe('standardise', () => {
  test('brings each feature to mean 0 and deviation 1, and keeps both', async () => {
    const length = 1000;
    const x = numbers(3 * length).map((value, i) =>
      i % 3 === 0 ? 1e4 + value : i % 3 === 1 ? 7 : value * 20,
    );
    const data = fromArrays(x, new Float32Array(length), { xShape: [3] });
    const scaled = await standardise(data);
    const found = await all(scaled);
    for (let k = 0; k < 3; k++) {
      const own = Array.from({ length }, (_, i) => x[3 * i + k] as number);
      const mean = own.reduce((sum, value) => sum + value) / length;
      const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / length;
      expect(scaled.mean[k]).toBeCloseTo(mean, 8);
      expect(scaled.deviation[k]).toBeCloseTo(k === 1 ? 1 : Math.sqrt(variance), 8);
      const values = found.x.filter((_, i) => i % 3 === k);
      // Rounding of inputs near 1e4, with deviation near 1, is 5e-4 each at most.
      expect(values.reduce((sum, value) => sum + value) / length).toBeCloseTo(0, 3);
      const spread = values.reduce((sum, value) => sum + value ** 2, 0) / length;
      expect(spread).toBeCloseTo(k === 1 ? 0 : 1, 3);
    }
    // Statistics survive as JSON, and are those of rows to predict and of other data.
    const kept = JSON.parse(
      JSON.stringify({ mean: scaled.mean, deviation: scaled.deviation }),
    ) as typeof scaled;
    const row = Array.from(x.subarray(0, 3));
    const [first] = standardise([row], kept);
    first?.forEach((value, k) => expect(value).toBeCloseTo(found.x[k] as number, 5));
    expect((await all(standardise(take(data, 1), kept))).x).toEqual(found.x.slice(0, 3));
    expect(split(scaled, 0.5)[1].mean).toEqual(scaled.mean);
  });

  test('has a feature a channel of images and a feature of sequences', async () => {
    const images = fromArrays(
      [
        [[[0, 2]], [[10, 10]]],
        [[[4, 6]], [[10, 30]]],
      ],
      [0, 1],
    );
    expect((await standardise(images)).mean).toEqual([3, 15]);
    const walks = fromArrays(
      [
        [
          [0, 1],
          [2, 3],
        ],
        [
          [4, 5],
          [6, 7],
        ],
      ],
      [0, 1],
    );
    const scaled = await standardise(walks);
    expect(scaled.mean).toEqual([3, 4]);
    const { x } = await all(scaled);
    expect(x.map((value) => value * Math.sqrt(5))).toEqual(
      [-3, -3, -1, -1, 1, 1, 3, 3].map((value) => expect.closeTo(value, 5) as unknown as number),
    );
  });

  test('does as a frozen BatchNormalization, which keeps the statistics in the model', async () => {
    const data = fromArrays(numbers(40), numbers(20), { xShape: [2] });
    const { mean, deviation } = await standardise(data);
    const layer = new BatchNormalization({ inputShape: [2] });
    layer.state = { cache_m: [mean], cache_v: [deviation.map((value) => value ** 2)] };
    const found = layer.forward(tensor(numbers(40), [20, 2]), false).toArray();
    const wanted = (await all(standardise(data, { mean, deviation }))).x;
    // It adds 1e-8 to the variance.
    found.forEach((value, i) => expect(value).toBeCloseTo(wanted[i] as number, 5));
  });

  test('refuses what makes no sense', async () => {
    const data = counted(3);
    const statistics = { mean: [0], deviation: [1] };
    expectError(
      () => standardise(data, statistics),
      ShapeError,
      'statistics are of 1 features, the samples have 2',
    );
    expectError(
      () => standardise([[1, 2]], statistics),
      ShapeError,
      'of 1 features, the samples have 2',
    );
    expectError(
      () => standardise([[1]], { ...statistics, deviation: [0] }),
      ValueError,
      'deviation[0] must be a finite number above 0',
    );
    expectError(
      () => standardise([[1]], { ...statistics, deviation: [] }),
      ShapeError,
      'equally many',
    );
    // @ts-expect-error -- rows have no statistics
    expectError(() => standardise([[1]]), ArgumentTypeError, 'rows need the statistics');
    const texts = [['1']] as unknown as number[][];
    expectError(() => standardise(texts, statistics), ValueError, 'rows[0][0] must be a number');
    expectError(
      () => standardise(data, data as never),
      ArgumentTypeError,
      'standardise: statistics.mean must be an array',
    );
    await expectRejection(
      () => standardise(fromArrays([[1], [NaN]], [0, 0])),
      ValueError,
      'standardise: feature 0 of x must be finite, got NaN',
    );
  });
});

test('batches gather one ahead, and end with the data', async () => {
  const seen: number[] = [];
  const source: ShapedDataset = {
    length: 10,
    xShape: [1],
    yShape: [],
    gather: (indices, x) => {
      seen.push(indices.length);
      x.set(indices);
    },
  };
  const counts = [];
  for await (const { count, x } of batches(source, 4)) counts.push([count, x[0], seen.length]);
  expect(counts).toEqual([
    [4, 0, 2],
    [4, 4, 3],
    [2, 8, 3],
  ]);
  expectError(() => batches(source, 0), ValueError, 'batches: size');
});

describe('Model.evaluate', () => {
  const model = () =>
    new Model([new Dense(1, { inputSize: 2 })], {
      loss: new MSE(),
      optimizer: new Adam(),
      seed: 2,
    });

  test('takes a data set, and gives what it gives for arrays', async () => {
    const data = fromArrays(numbers(2 * 300), numbers(300), { xShape: [2], yShape: [1] });
    const options = { metrics: [new MAE()], batchSize: 77 };
    const own = model();
    const wanted = own.evaluate(data.x, data.y, options);
    const found = await own.evaluate(data, options);
    expect(found.loss).toBeCloseTo(wanted.loss, 6);
    expect(found.metrics?.MAE).toBeCloseTo(wanted.metrics?.MAE ?? NaN, 6);
    const [first, second] = split(data, 0.5);
    const parts = [await own.evaluate(first), await own.evaluate(second)];
    const mean = ((parts[0]?.loss ?? 0) + (parts[1]?.loss ?? 0)) / 2;
    expect(mean).toBeCloseTo(wanted.loss, 6);
    expect(parts[0]).not.toHaveProperty('metrics');
    expect(paramValues(own.layers[0] as Dense)).toEqual(paramValues(model().layers[0] as Dense));
  });

  test('refuses what does not fit', async () => {
    const evaluate =
      (...given: unknown[]) =>
      async () =>
        (model().evaluate as (...all: unknown[]) => unknown).apply(
          model(),
          given,
        ) as Promise<unknown>;
    await expectRejection(evaluate(counted(3), { batch: 1 }), ValueError, "unknown option 'batch'");
    await expectRejection(
      evaluate({ length: 0, gather: () => undefined }),
      ValueError,
      'Model.evaluate: dataset: length',
    );
    await expectRejection(
      evaluate(fromArrays([[1]], [[1]])),
      ShapeError,
      'each sample has 1 numbers of x, the model takes 2',
    );
  });
});

/* eslint-disable no-sparse-arrays */
test('nested arrays have no holes and no end without one', () => {
  const holes = [
    [1, , 3],
    [4, , 6],
  ] as number[][];
  expectError(() => fromArrays(holes, [1, 2]), ArgumentTypeError, 'x[0][1]', 'undefined');
  const endless: unknown[] = [];
  endless.push(endless);
  expectError(() => fromArrays(endless as number[], [1]), ShapeError, 'at most 8 dimensions');
});

/* eslint-enable no-sparse-arrays */

test('a data set that can be iterated over, too, is a data set', async () => {
  const model = new Model([new Dense(1, { inputSize: 2 })], {
    loss: new MSE(),
    optimizer: new Adam(),
  });
  const both = Object.assign(counted(8), {
    async *[Symbol.asyncIterator]() {
      yield await Promise.reject(new Error('not as batches'));
    },
  });
  const [epoch] = await model.train(both, { batchSize: 4 });
  expect(epoch?.loss).toBeGreaterThan(0);
  await expectRejection(
    () => model.train(both, { stepsPerEpoch: 1 }),
    MainValueError,
    'stepsPerEpoch',
  );
});

test('map and standardise take numbers alone', async () => {
  const model = new Model([new Dense(1, { inputSize: 2 })], {
    loss: new MSE(),
    optimizer: new Adam(),
  });
  const given = (x: unknown) => map(counted(4), ({ y }) => ({ x: x as number[], y }));
  for (const wrong of [[null, 1], { length: 2 }, ['1', 2]]) {
    await expectRejection(
      () => model.train(given(wrong)),
      MainValueError,
      'map: x[0] must be a number',
    );
  }
  const statistics = { mean: [0, 0], deviation: [1, 2] };
  expect(standardise([Float32Array.of(2, 4)], statistics)).toEqual([[2, 2]]);
  for (const wrong of [
    [NaN, 1],
    [1, Infinity],
    ['1', 2],
  ] as number[][]) {
    expectError(() => standardise([wrong], statistics), ValueError, 'standardise: rows[0]');
  }
});

test('shapes are copied', () => {
  const xShape = [2];
  const data = fromArrays(Float32Array.of(1, 2, 3, 4), [0, 1], { xShape });
  xShape[0] = 4;
  expect(data.xShape).toEqual([2]);
});

test('options are told by the name of the call', () => {
  expectError(() => fromArrays([1], [1], { scale: NaN }), ValueError, 'fromArrays: scale');
});
