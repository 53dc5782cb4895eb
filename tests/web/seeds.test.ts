// One seed, one result.
import { createHash } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import {
  Adam,
  BatchNormalization2D,
  CategoricalCrossEntropy,
  Convolutional,
  Dense,
  Dropout,
  Flatten,
  init,
  MaxPooling2D,
  Model,
  oneHot,
  ReLU,
} from 'lamella';
import { noise, numbers, runInNode } from './support.js';

beforeAll(() => init());

function make(seed?: number): Model {
  return new Model(
    [
      new Convolutional(6, 3, { padding: 'same' }),
      new BatchNormalization2D(),
      new ReLU(),
      new MaxPooling2D(2),
      new Flatten(),
      new Dropout(0.3),
      new Dense(32),
      new ReLU(),
      new Dropout(0.5),
      new Dense(4),
    ],
    {
      loss: new CategoricalCrossEntropy(),
      optimizer: new Adam(),
      inputShape: [1, 8, 8],
      ...(seed === undefined ? {} : { seed }),
    },
  );
}

function sha256(model: Model): string {
  const hash = createHash('sha256');
  for (const layer of model.layers) {
    for (const { value } of Object.values(layer.params)) {
      hash.update(new Uint8Array(value.toArray().buffer));
    }
  }
  return hash.digest('hex');
}

async function train(seed?: number, pause?: () => Promise<void>): Promise<string> {
  const model = make(seed);
  const labels = Array.from(numbers(100, 3), (value) => Math.floor((value + 1) * 2));
  const data = [noise([100, 1, 8, 8]), oneHot(labels, 4)] as const;
  await model.train(...data, { epochs: 3, batchSize: 16, ...(pause && { onEpoch: pause }) });
  return sha256(model);
}

test('one seed gives the same weights, another gives others', () => {
  const seeds = [0, 7, 8, 2 ** 32, 2 ** 32 + 7, 2 ** 53 - 1];
  const hashes = seeds.map((seed) => sha256(make(seed)));
  expect(new Set(hashes).size).toBe(seeds.length);
  expect(seeds.map((seed) => sha256(make(seed)))).toEqual(hashes);
});

test('the default seed is 0', () => {
  expect(sha256(make())).toBe(sha256(make(0)));
});

test('one seed trains to the same weights, dropout and shuffling included', async () => {
  const first = await train(7);
  expect(await train(7)).toBe(first);
  expect(await train(8)).not.toBe(first);
});

test('the result depends neither on what else happened nor on the time it took', async () => {
  const first = await train(7);
  // Layers of their own draw numbers of their own.
  new Dense(100, { inputSize: 100 });
  new Dropout().forward(noise([10, 10]));
  const slow = await train(7, () => new Promise((resolve) => setTimeout(resolve, 20)));
  expect(slow).toBe(first);
  const [a, b] = await Promise.all([train(7), train(7)]);
  expect([a, b]).toEqual([first, first]);
});

test('a process of its own draws the same weights', async () => {
  const model = new Model([new Dense(8), new ReLU(), new Dense(3)], { inputShape: [5], seed: 42 });
  const hash = await runInNode(`
    import { createHash } from 'node:crypto';
    import { Dense, init, Model, ReLU } from 'lamella';
    await init();
    const model = new Model([new Dense(8), new ReLU(), new Dense(3)], { inputShape: [5], seed: 42 });
    const hash = createHash('sha256');
    for (const { params } of model.layers) {
      for (const { value } of Object.values(params)) hash.update(new Uint8Array(value.toArray().buffer));
    }
    report(hash.digest('hex'));`);
  expect(hash).toBe(sha256(model));
});

test('layers draw different weights from one seed', () => {
  const model = new Model([new Dense(5), new Dense(5), new Dense(5)], { inputShape: [5], seed: 1 });
  const weights = model.layers.map((layer) => layer.params['weights']?.value.toArray().join());
  expect(new Set(weights).size).toBe(3);
});

test('layers of their own draw the same weights in every process', async () => {
  const source = `
    import { Dense, init } from 'lamella';
    await init();
    const draw = () => new Dense(4, { inputSize: 4 }).weights.toArray().join();
    report([draw(), draw()]);`;
  const [first, second] = await Promise.all([runInNode(source), runInNode(source)]);
  expect(second).toEqual(first);
  expect(new Set(first as string[]).size).toBe(2);
});
