// Layers, losses and metrics along an axis: sequences and images, against TensorFlow.js and against
// the same on vectors.
import { beforeAll, describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { layers as theirs, metrics as theirMetrics } from '@tensorflow/tfjs-layers';
import {
  Accuracy,
  Adam,
  ArgumentTypeError,
  CategoricalCrossEntropy,
  confusionMatrix,
  Dense,
  F1Score,
  Flatten,
  init,
  type Layer,
  LayerNormalization,
  layerFromConfig,
  type LayerConfig,
  loadCheckpoint,
  loadNpz,
  loadSafetensors,
  Loss,
  Model,
  MSE,
  Precision,
  ReLU,
  Recall,
  RMSE,
  saveCheckpoint,
  saveNpz,
  saveSafetensors,
  ShapeError,
  SGD,
  type Shape,
  zeros,
  Softmax,
  SparseCategoricalCrossEntropy,
  type Tensor,
  tensor,
  TopKAccuracy,
  ValueError,
} from 'lamella';
import { expectError, noise, numbers, rejection, values } from './support.js';
import { useClient } from './use-client.js';

beforeAll(async () => {
  tf.enableProdMode();
  await init();
});

const shared = useClient();

/** Steps of sequences, and pixels of images, as samples of their own; each with its classes. */
function positions(t: Tensor, axis: number): Tensor {
  const perm = t.shape.map((_, i) => i).filter((i) => i !== axis + 1);
  const last = tf.transpose(tf.tensor(t.toArray(), [...t.shape]), [...perm, axis + 1]);
  const columns = t.shape[axis + 1] as number;
  return tensor(last.dataSync() as Float32Array, [t.size / columns, columns]);
}

/** The greatest difference of the numbers of a tensor from those of TensorFlow.js. */
function worst(ours: Tensor, other: tf.Tensor): number {
  expect(ours.shape).toEqual(other.shape);
  const wanted = other.dataSync();
  return Math.max(...values(ours).map((value, i) => Math.abs(value - (wanted[i] as number))));
}

const toTheirs = (t: Tensor): tf.Tensor => tf.tensor(t.toArray(), [...t.shape]);

describe('agrees with TensorFlow.js', () => {
  const x = (): Tensor => noise([3, 5, 4], 7);

  test('Dense on sequences', () => {
    const dense = new Dense(6, { inputShape: [5, 4] });
    const layer = theirs.dense({ units: 6, inputShape: [5, 4] });
    layer.build([null, 5, 4]);
    layer.setWeights([toTheirs(dense.weights), tf.tensor(numbers(6, 3))]);
    dense.loadParams({ biases: [Array.from(numbers(6, 3))] });
    expect(worst(dense.forward(x()), layer.apply(toTheirs(x())) as tf.Tensor)).toBeLessThan(1e-6);
  });

  test.each([[undefined], [-1], [1]])('Softmax of sequences, axis %p', (axis) => {
    const other = theirs.softmax({ axis: -1 }).apply(toTheirs(x())) as tf.Tensor;
    expect(worst(new Softmax({ axis }).forward(x()), other)).toBeLessThan(1e-6);
  });

  test('Softmax over the steps of sequences', () => {
    // Theirs knows the last axis alone.
    const swap = (t: tf.Tensor): tf.Tensor => tf.transpose(t, [0, 2, 1]);
    const other = swap(tf.softmax(swap(toTheirs(x()))));
    expect(worst(new Softmax({ axis: 0 }).forward(x()), other)).toBeLessThan(1e-6);
  });

  test.each([0, -1])('LayerNormalization, axis %p', (axis) => {
    const size = axis === 0 ? 5 : 4;
    const layer = new LayerNormalization({ axis, epsilon: 0.01, inputShape: [5, 4] });
    const other = theirs.layerNormalization({ axis: axis === 0 ? 1 : -1, epsilon: 0.01 });
    other.build([null, 5, 4]);
    const [gamma, beta] = [numbers(size, 5), numbers(size, 6)];
    other.setWeights([tf.tensor(gamma), tf.tensor(beta)]);
    layer.loadParams({ gamma: [Array.from(gamma)], beta: [Array.from(beta)] });
    expect([layer.gamma.shape, layer.beta.shape, layer.axis]).toEqual([[1, size], [1, size], axis]);
    expect(worst(layer.forward(x()), other.apply(toTheirs(x())) as tf.Tensor)).toBeLessThan(1e-5);
  });

  test('cross-entropies of sequences', () => {
    const labels = Array.from({ length: 15 }, (_, i) => (i * i) % 4);
    const oneHot = tf.oneHot(tf.tensor(labels, [3, 5], 'int32'), 4);
    const probabilities = tf.softmax(toTheirs(x()));
    const each = theirMetrics.categoricalCrossentropy(oneHot, probabilities);
    const [wanted = NaN] = tf.mean(each).dataSync();
    const expected = tensor(Float32Array.from(oneHot.dataSync()), [3, 5, 4]);
    expect(new CategoricalCrossEntropy().value(x(), expected)).toBeCloseTo(wanted, 5);
    const sparse = new SparseCategoricalCrossEntropy();
    expect(sparse.value(x(), tensor(labels, [3, 5]))).toBeCloseTo(wanted, 5);
  });
});

const shapes: [shape: Shape, axis: number][] = [
  [[6, 5, 4], 1],
  [[2, 4, 3, 5], 0],
];

test.each(shapes)('metrics of %j count each position', (shape, axis) => {
  const predicted = new Softmax().forward(noise(shape, 3));
  const rows = positions(predicted, axis);
  const count = rows.shape[0] as number;
  const labels = Array.from({ length: count }, (_, i) => (i * 7) % 4);
  const oneHot = new Float32Array(4 * count);
  for (const [n, label] of labels.entries()) oneHot[4 * n + label] = 1;
  const inner = shape.slice(axis + 2).reduce((product, dim) => product * dim, 1);
  const expected = tensor(
    oneHot.map((_, i) => {
      const [c, n] = [Math.floor(i / inner) % 4, Math.floor(i / 4 / inner) * inner + (i % inner)];
      return labels[n] === c ? 1 : 0;
    }),
    shape,
  );
  expect(values(positions(expected, axis))).toEqual(Array.from(oneHot));
  const classNumbers = tensor(
    labels,
    shape.filter((_, i) => i !== axis + 1),
  );
  const all = [new Accuracy(), new Precision(), new Recall(), new F1Score(), new TopKAccuracy(2)];
  for (const metric of all) {
    const wanted = metric.compute(rows, tensor(labels));
    expect(metric.compute(predicted, expected)).toBe(wanted);
    expect(metric.compute(predicted, classNumbers)).toBe(wanted);
    expectError(() => metric.compute(predicted, tensor(labels)), ShapeError, metric.name);
    expectError(() => metric.compute(classNumbers, predicted), ShapeError, metric.name);
  }
  expect(confusionMatrix(predicted, classNumbers)).toEqual(confusionMatrix(rows, tensor(labels)));
  // The loss's own accuracy is the metric's.
  const model = new Model([new ReLU({ inputShape: shape.slice(1) })], {
    loss: new SparseCategoricalCrossEntropy(),
  });
  const x = noise(shape, 3);
  const { accuracy, metrics } = model.evaluate(x, classNumbers, { metrics: [new Accuracy()] });
  expect(metrics?.['Accuracy']).toBeCloseTo(accuracy as number, 12);
});

test('several labels a step are scored one by one', () => {
  const predicted = tensor([[[0.9, 0.2], [0.6, 0.7]]]); // prettier-ignore
  const expected = tensor([[[1, 1], [0, 1]]]); // prettier-ignore
  expect(new Accuracy().compute(predicted, expected)).toBe(0.5);
  const yes = tensor([[[0.9], [0.2]]]);
  expect(new Accuracy().compute(yes, tensor([[1, 1]]))).toBe(0.5);
});

/** Sequences whose steps have the class of their greatest number. */
function steps(count: number): { x: Tensor; y: Tensor } {
  const x = noise([count, 6, 3], 11);
  const flat = x.toArray();
  const y = Array.from({ length: count * 6 }, (_, n) => {
    const row = Array.from(flat.subarray(3 * n, 3 * n + 3));
    return row.indexOf(Math.max(...row));
  });
  return { x, y: tensor(y, [count, 6]) };
}

const tagger = (): LayerConfig[] => [
  { type: 'Dense', outputSize: 8 },
  { type: 'LayerNormalization', axis: -1 },
  { type: 'ReLU' },
  { type: 'Dense', outputSize: 3 },
  { type: 'Softmax', axis: 1 },
];
const tag = (layers: readonly Layer[]): Model =>
  new Model(layers, {
    loss: new SparseCategoricalCrossEntropy({ axis: -1 }),
    optimizer: new Adam({ learningRate: 0.03 }),
    inputShape: [6, 3],
  });

test('a model learns a class for each step; files and a worker keep it', async () => {
  const { x, y } = steps(60);
  const model = tag(tagger().map(layerFromConfig));
  expect([model.outputShape, model.parameterCount]).toEqual([[6, 3], 32 + 16 + 27]);
  const results = await model.train(x, y, { epochs: 30, classWeights: [1, 2, 1] });
  expect(results.at(-1)?.accuracy).toBeGreaterThan(0.9);
  const predictions = values(model.predict(x));
  for (const loaded of [
    await loadCheckpoint(await saveCheckpoint(model)),
    await loadNpz(await saveNpz(model)),
  ]) {
    // The last Softmax is the loss's.
    const configs = (all: readonly Layer[]): object[] =>
      all.slice(0, 4).map((layer) => layer.getConfig());
    expect(configs(loaded.layers)).toEqual(configs(model.layers));
    expect(loaded.loss?.getConfig()).toEqual({ temperature: 1, axis: -1 });
    expect(values(loaded.predict(x))).toEqual(predictions);
  }
  const other = tag(tagger().map(layerFromConfig));
  await loadSafetensors(other, await saveSafetensors(model));
  expect(values(other.predict(x))).toEqual(predictions);

  using remote = await shared.client.model(
    [
      { type: 'Dense', outputSize: 8 },
      { type: 'LayerNormalization', axis: -1 },
      { type: 'ReLU' },
      { type: 'Dense', outputSize: 3 },
      { type: 'Softmax', axis: 1 },
    ],
    {
      loss: { type: 'SparseCategoricalCrossEntropy', axis: -1 },
      optimizer: { type: 'Adam', learningRate: 0.03 },
      inputShape: [6, 3],
    },
  );
  await remote.train(x.toArray(), y.toArray(), { epochs: 30, classWeights: [1, 2, 1] });
  expect(Array.from((await remote.predict(x.toArray())).data)).toEqual(predictions);
});

test('classes are expected in the shape of the output without their axis', async () => {
  const { x, y } = steps(4);
  const model = tag(tagger().map(layerFromConfig));
  for (const wrong of [tensor([0, 1, 2, 0]), y.toNestedArray() as number[][]]) {
    const bad = Array.isArray(wrong) ? wrong.map((row) => row.slice(1)) : wrong;
    await expect(model.train(x, bad)).rejects.toThrow('[samples, 6]');
  }
  expectError(() => model.trainBatch(x, tensor([0, 1, 2, 0])), ShapeError, '[6]', '[4]');
  const [labels] = [tensor(Array.from(values(y), (label) => label + 1), [4, 6])]; // prettier-ignore
  expectError(() => model.trainBatch(x, labels), ValueError, 'from 0 to 2', 'got 3');
});

test.each(shapes)('class numbers may stand in the axis of the classes: %j', async (all, axis) => {
  const [, ...shape] = all;
  const predicted = noise(all);
  const without = all.filter((_, i) => i !== axis + 1);
  const within = all.map((size, i) => (i === axis + 1 ? 1 : size));
  const numbersOf = without.reduce((a, b) => a * b);
  const labels = Array.from({ length: numbersOf }, (_, i) => (i * 7) % 4);
  const [plain, column] = [tensor(labels, without), tensor(labels, within)];
  const loss = new SparseCategoricalCrossEntropy();
  expect(loss.value(predicted, column)).toBe(loss.value(predicted, plain));
  expect(confusionMatrix(predicted, column)).toEqual(confusionMatrix(predicted, plain));
  const model = (): Model =>
    new Model([new ReLU()], {
      inputShape: shape,
      loss: new SparseCategoricalCrossEntropy(),
      optimizer: new SGD(),
    });
  const metrics = [new F1Score()];
  const ends = [plain, column].map(async (y) => {
    const own = model();
    const [epoch] = await own.train(predicted, y, {
      metrics,
      validationData: { x: predicted, y },
      batchSize: 2,
    });
    return [
      { ...epoch, seconds: 0, samplesPerSecond: 0 },
      own.evaluate(predicted, y, { metrics }),
      own.trainBatch(predicted, y),
    ];
  });
  const [first, second] = await Promise.all(ends);
  expect(second).toEqual(first);
  const turned = tensor(labels, [...without, 1, 1]);
  expectError(() => loss.value(predicted, turned), ShapeError, 'expected output must have shape');
  const wrong = () => model().train(predicted, turned);
  expect(String(await rejection(wrong))).toContain('Model.train: y must have shape [samples, ');
  const oneHot = () => model().train(predicted, predicted);
  expect(String(await rejection(oneHot))).toContain('Model.train: y must have shape [samples, ');
});

test('a final Softmax has the axis of the loss', () => {
  const dense = (): Dense => new Dense(2, { inputShape: [4, 3] });
  expectError(
    () => new Model([dense(), new Softmax({ axis: 0 })], { loss: new CategoricalCrossEntropy() }),
    ValueError,
    'CategoricalCrossEntropy',
    'the same axis; got 0 and 1',
  );
});

describe('the option axis', () => {
  const makers: [string, (axis: unknown) => unknown][] = [
    ['Dense', (axis) => new Dense(2, { axis } as object)],
    ['Softmax', (axis) => new Softmax({ axis } as object)],
    ['LayerNormalization', (axis) => new LayerNormalization({ axis } as object)],
    ['CategoricalCrossEntropy', (axis) => new CategoricalCrossEntropy({ axis } as object)],
    [
      'SparseCategoricalCrossEntropy',
      (axis) => new SparseCategoricalCrossEntropy({ axis } as object),
    ],
  ];
  test.each(makers)('is a whole number for %s', (type, make) => {
    for (const bad of [0.5, NaN, Infinity, 1e9]) {
      expectError(() => make(bad), ValueError, `${type}: axis must be`);
    }
    for (const bad of ['last', [0], true]) {
      expectError(() => make(bad), ArgumentTypeError, `${type}: axis must be`);
    }
    const made = make(-1) as { getConfig(): object; dispose(): void };
    expect(made.getConfig()).toHaveProperty('axis', -1);
    const plain = make(undefined) as { getConfig(): object };
    expect(plain.getConfig()).not.toHaveProperty('axis');
  });

  test('is one that samples have', () => {
    expectError(
      () => new Softmax({ axis: 2, inputShape: [3, 4] }),
      ShapeError,
      'Softmax: samples of shape [3, 4] have no axis 2',
    );
    expectError(
      () =>
        new Model([new Dense(2, { inputSize: 3 })], {
          loss: new CategoricalCrossEntropy({ axis: 1 }),
        }),
      ShapeError,
      'CategoricalCrossEntropy: samples of shape [2] have no axis 1',
    );
  });

  test('is there as a property', () => {
    expect(new Dense(2, { axis: 1 }).axis).toBe(1);
    expect(new Softmax().axis).toBeUndefined();
  });
});

test('a Dense layer on images changes their channels; after Flatten it takes the whole image', () => {
  const perPixel = new Dense(3, { inputShape: [2, 4, 5] });
  expect([perPixel.outputShape, perPixel.weights.shape]).toEqual([[3, 4, 5], [2, 3]]); // prettier-ignore
  expect([perPixel.outputSize, perPixel.inputSize]).toEqual([3, 40]);
  expect(perPixel.getConfig()).toMatchObject({ inputShape: [2, 4, 5] });
  const whole = new Model([new Flatten(), new Dense(3)], { inputShape: [2, 4, 5] });
  expect(whole.outputShape).toEqual([3]);
  // A Flatten that was forgotten is named when vectors come.
  const model = new Model([perPixel], { loss: new CategoricalCrossEntropy() });
  expectError(
    () => model.evaluate(noise([2, 2, 4, 5]), [[1, 0, 0], [0, 1, 0]]), // prettier-ignore
    ShapeError,
    'y must have shape [samples, 3, 4, 5], got [2, 3]; a Flatten layer before Dense',
  );
});

test('no Flatten is asked for where y lacks its last axis, or is of class numbers', () => {
  const message = (layers: Layer[], sample: number[], y: Tensor): string => {
    const model = new Model(layers, { inputShape: sample, loss: new MSE(), optimizer: new SGD() });
    try {
      model.evaluate(zeros([y.shape[0] as number, ...sample]), y);
      return 'nothing was thrown';
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(message([new Dense(1)], [3], zeros([2]))).toMatch(/\[samples, 1\], got \[2\]$/);
  expect(message([new Dense(1)], [4, 3], zeros([2, 4]))).toMatch(
    /\[samples, 4, 1\], got \[2, 4\]$/,
  );
  expect(message([new Dense(3)], [4, 2], zeros([2, 3]))).toContain('a Flatten layer before Dense');
});

test('metrics go through images pixel by pixel and keep none', () => {
  const [count, classes, pixels] = [3, 4, 50];
  const scores = noise([count, classes, pixels, 2], 3);
  const view = Array.from(scores.view());
  const at = (n: number, c: number, p: number): number =>
    view[(n * classes + c) * pixels * 2 + p] as number;
  const best = Array.from({ length: count * pixels * 2 }, (_, i) => {
    const [n, p] = [Math.floor(i / (pixels * 2)), i % (pixels * 2)];
    const row = Array.from({ length: classes }, (_, c) => at(n, c, p));
    return row.indexOf(Math.max(...row));
  });
  const labels = best.map((label, i) => (i % 5 === 0 ? (label + 1) % classes : label));
  const expected = tensor(labels, [count, pixels, 2]);
  expect(new Accuracy().compute(scores, expected)).toBeCloseTo(0.8, 12);
  expect(new TopKAccuracy(classes).compute(scores, expected)).toBe(1);
});

test("metrics of a model are along its loss's axis", async () => {
  const labels = [0, 1, 2, 2, 1, 0];
  const scores = new Float32Array(18);
  labels.forEach((label, i) => {
    scores[Math.floor(i / 3) * 9 + label * 3 + (i % 3)] = 9;
  });
  // A wrong one, and one that would be wrong along the other axis.
  [scores[1], scores[4]] = [20, 0];
  const model = new Model([new Softmax({ axis: 0 })], {
    inputShape: [3, 3],
    loss: new SparseCategoricalCrossEntropy({ axis: 0 }),
    optimizer: new SGD(),
  });
  const [x, y] = [tensor(scores, [2, 3, 3]), tensor(labels, [2, 3])];
  const { accuracy, metrics } = model.evaluate(x, y, { metrics: [new Accuracy()] });
  expect([accuracy, metrics]).toEqual([5 / 6, { Accuracy: 5 / 6 }]);
  const [epoch] = await model.train(x, y, {
    validationData: { x, y },
    metrics: [new Accuracy(), new TopKAccuracy(3)],
  });
  expect(epoch?.metrics).toEqual({ Accuracy: 5 / 6, Top3Accuracy: 1 });
  expect(confusionMatrix(x, y, 0).flat().reduce((sum, count) => sum + count)).toBe(6); // prettier-ignore
  expect(new Accuracy().compute(x, y)).not.toBe(5 / 6);
});

test('an axis that samples do not have is named, and losses of your own need no configuration', () => {
  const [x, y] = [tensor([[1, 0, 0]]), tensor([[1, 0, 0]])];
  for (const axis of [9, -9, 1.5, NaN, 'x'] as number[]) {
    const kind = typeof axis === 'number' ? ValueError : ArgumentTypeError;
    expectError(() => new Accuracy().compute(x, y, axis), kind, 'axis must be one of samples [3]');
  }
  class Custom extends Loss {
    override value(): number {
      return 0;
    }
    override gradient(output: Tensor): Tensor {
      return output;
    }
    override getConfig(): never {
      throw new Error('not to be saved');
    }
  }
  class Own extends MSE {
    override getConfig(): never {
      throw new Error('not to be saved');
    }
  }
  for (const loss of [new Custom(), new Own()]) {
    const model = new Model([new Dense(3, { inputSize: 3 })], { loss });
    expect(Object.keys(model.evaluate(x, y, { metrics: [new RMSE()] }).metrics ?? {})).toEqual(['RMSE']); // prettier-ignore
  }
});
