// Real digits: data/mnist, which set-up provides.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Adam,
  CategoricalCrossEntropy,
  Convolutional,
  Dense,
  Flatten,
  init,
  type Layer,
  MaxPooling2D,
  Model,
  oneHot,
  ReLU,
  type Tensor,
  tensor,
} from 'lamella';

const pixels = 28 * 28;

function load(part: string, count: number): { x: Tensor; y: Tensor; labels: Uint8Array } {
  const read = (kind: string, header: number, size: number): Uint8Array => {
    const path = join(import.meta.dirname, '../../data/mnist', `${part}-${kind}-ubyte`);
    return readFileSync(path).subarray(header, header + size);
  };
  const images = read('images-idx3', 16, count * pixels);
  const labels = read('labels-idx1', 8, count);
  const x = tensor(
    Float32Array.from(images, (value) => value / 255),
    [count, 1, 28, 28],
  );
  return { x, y: oneHot(labels, 10), labels };
}

beforeAll(() => init());

describe('2,000 digits of MNIST are enough for', () => {
  test.each<[string, () => Layer[], number, number]>([
    ['mlp', () => [new Flatten(), new Dense(64), new ReLU(), new Dense(10)], 5, 0.86],
    [
      'cnn',
      () => [
        new Convolutional(8, 3, { padding: 'same' }),
        new ReLU(),
        new MaxPooling2D(2),
        new Convolutional(16, 3, { padding: 'same' }),
        new ReLU(),
        new MaxPooling2D(2),
        new Flatten(),
        new Dense(10),
      ],
      3,
      0.86,
    ],
  ])('%s', async (_, layers, epochs, wanted) => {
    const model = new Model(layers(), {
      loss: new CategoricalCrossEntropy(),
      optimizer: new Adam({ learningRate: 2e-3 }),
      inputShape: [1, 28, 28],
      seed: 7,
    });
    const train = load('train', 2000);
    const test = load('t10k', 1000);
    const start = process.cpuUsage();
    const results = await model.train(train.x, train.y, { epochs, batchSize: 32 });
    expect(process.cpuUsage(start).user).toBeLessThan(10e6); // microseconds
    expect(results.at(-1)?.accuracy).toBeGreaterThan(wanted);
    expect(model.evaluate(test.x, test.y).accuracy).toBeGreaterThan(wanted);

    // `predict` agrees with `evaluate`.
    const probabilities = model.predict(test.x).toArray();
    const right = test.labels.filter((label, i) => {
      const row = probabilities.subarray(10 * i, 10 * i + 10);
      return row.indexOf(Math.max(...row)) === label;
    });
    expect(right.length / 1000).toBeCloseTo(model.evaluate(test.x, test.y).accuracy ?? 0, 12);
  });
});
