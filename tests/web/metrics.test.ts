// Metrics against the recorded numbers, and what those leave out.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Accuracy,
  CategoricalCrossEntropy,
  confusionMatrix,
  Dense,
  F1Score,
  init,
  MAE,
  type Metric,
  Model,
  Precision,
  R2Score,
  Recall,
  RMSE,
  ShapeError,
  SparseCategoricalCrossEntropy,
  tensor,
  TopKAccuracy,
  ValueError,
} from 'lamella';
import { expectError, separable } from './support.js';

interface Recorded {
  readonly shape: number[];
  readonly data: number[];
}
interface Case {
  readonly name: string;
  readonly metric: { readonly type: string; readonly config: { readonly k?: number } };
  readonly y_true: Recorded;
  readonly y_pred: Recorded;
  readonly value: number;
  readonly max_abs_err_f32_vs_f64: { readonly value: number };
}

beforeAll(() => init());

const makers: Record<string, (config: { readonly k?: number }) => Metric> = {
  RMSE: () => new RMSE(),
  MAE: () => new MAE(),
  R2Score: () => new R2Score(),
  Accuracy: () => new Accuracy(),
  Precision: () => new Precision(),
  Recall: () => new Recall(),
  F1Score: () => new F1Score(),
  TopKAccuracy: ({ k }) => new TopKAccuracy(k),
};

const files: [string, number][] = [
  ['rmse', 2],
  ['mae', 2],
  ['r2_score', 2],
  ['accuracy', 2],
  ['precision', 2],
  ['recall', 2],
  ['f1_score', 2],
  ['top_k_accuracy', 2],
];

test.each(files)('%s has the recorded values', (file, count) => {
  const path = join(import.meta.dirname, '../fixtures/golden', `${file}.json`);
  const cases = JSON.parse(readFileSync(path, 'utf8')) as Case[];
  expect(cases).toHaveLength(count);
  for (const { metric, y_true, y_pred, value, max_abs_err_f32_vs_f64 } of cases) {
    const made = makers[metric.type]?.(metric.config) as Metric;
    const got = made.compute(tensor(y_pred.data, y_pred.shape), tensor(y_true.data, y_true.shape));
    // The recording's own error, and one rounding to float32 of the value and of each input.
    const tolerance = 4 * max_abs_err_f32_vs_f64.value + 4 * 2 ** -23 * Math.abs(value);
    expect(Math.abs(got - value)).toBeLessThanOrEqual(tolerance);
  }
});

const classes = [new Accuracy(), new Precision(), new Recall(), new F1Score(), new TopKAccuracy(2)];
const predicted = (): number[][] => [
  [0.7, 0.2, 0.1],
  [0.1, 0.2, 0.7],
  [0.4, 0.5, 0.1],
  [0.3, 0.3, 0.4],
];

describe('metrics about classes', () => {
  test('take class numbers as one-hot rows', () => {
    const oneHot = tensor([
      [1, 0, 0],
      [0, 0, 1],
      [1, 0, 0],
      [0, 1, 0],
    ]);
    for (const metric of classes) {
      const wanted = metric.compute(tensor(predicted()), oneHot);
      expect(metric.compute(tensor(predicted()), tensor([0, 2, 0, 1]))).toBe(wanted);
      expect(metric.compute(tensor(predicted()), tensor([[0], [2], [0], [1]]))).toBe(wanted);
    }
  });

  test('agree with counting by hand', () => {
    const [guesses, labels] = [tensor(predicted()), tensor([0, 2, 0, 1])];
    expect(confusionMatrix(guesses, labels)).toEqual([
      [1, 1, 0],
      [0, 0, 1],
      [0, 0, 1],
    ]);
    expect(new Accuracy().compute(guesses, labels)).toBe(0.5);
    expect(new Precision().compute(guesses, labels)).toBeCloseTo((1 + 0 + 0.5) / 3, 12);
    expect(new Recall().compute(guesses, labels)).toBeCloseTo((0.5 + 0 + 1) / 3, 12);
    // Equal predictions: the first comes first, so class 1 is third in the last row.
    expect(new TopKAccuracy(1).compute(guesses, labels)).toBe(0.5);
    expect(new TopKAccuracy(2).compute(guesses, labels)).toBe(0.75);
    expect(new TopKAccuracy(3).compute(guesses, labels)).toBe(1);
  });

  test('score the positive class of one column, where 0.5 is no yes', () => {
    const [guesses, labels] = [tensor([[0.9], [0.8], [0.5], [0.3]]), tensor([[1], [1], [1], [0]])];
    expect(confusionMatrix(guesses, labels)).toEqual([
      [1, 0],
      [1, 2],
    ]);
    expect(new Precision().compute(guesses, labels)).toBe(1);
    expect(new Recall().compute(guesses, labels)).toBeCloseTo(2 / 3, 12);
    expect(new F1Score().compute(guesses, labels)).toBeCloseTo(0.8, 12);
  });

  test('are 0 where nothing was predicted', () => {
    const [guesses, labels] = [tensor([[0.1], [0.2]]), tensor([[1], [0]])];
    expect(new Precision().compute(guesses, labels)).toBe(0);
    expect(new F1Score().compute(guesses, labels)).toBe(0);
  });

  test('refuse what does not fit', () => {
    for (const metric of classes) {
      const use = (labels: number[] | number[][]) => () =>
        metric.compute(tensor(predicted()), tensor(labels));
      expectError(use([0, 1]), ShapeError, metric.name);
      expectError(use([[0, 1]]), ShapeError, metric.name);
      expectError(use([0, 1, 2, 3]), ValueError, metric.name, '0 to 2');
      expectError(use([0, 1, 2, 0.5]), ValueError, metric.name, '0.5');
    }
    expectError(() => new TopKAccuracy(0), ValueError, 'TopKAccuracy: k', '0');
    expectError(
      () => new TopKAccuracy(1).compute(tensor([[0.5]]), tensor([[1]])),
      ShapeError,
      'Top1Accuracy',
    );
  });
});

test('metrics of numbers refuse shapes that differ', () => {
  for (const metric of [new RMSE(), new MAE(), new R2Score()]) {
    expectError(
      () => metric.compute(tensor([[1], [2]]), tensor([1, 2])),
      ShapeError,
      metric.name,
      '[2, 1]',
    );
  }
});

test('evaluate computes metrics over the predictions', () => {
  const { x, y, labels } = separable(60);
  const model = (loss: CategoricalCrossEntropy | SparseCategoricalCrossEntropy): Model =>
    new Model([new Dense(2, { inputSize: 2 })], { loss });
  const metrics = [new Accuracy(), new Recall(), new TopKAccuracy(2)];
  const dense = model(new CategoricalCrossEntropy());
  const result = dense.evaluate(x, y, { metrics, batchSize: 7 });
  expect(result.metrics?.['Accuracy']).toBeCloseTo(result.accuracy as number, 12);
  expect(result.metrics?.['Recall']).toBe(new Recall().compute(dense.predict(x), y));
  expect(result.metrics?.['Top2Accuracy']).toBe(1);
  expect('metrics' in dense.evaluate(x, y)).toBe(false);
  const sparse = model(new SparseCategoricalCrossEntropy()).evaluate(x, labels, { metrics });
  expect(sparse).toEqual(dense.evaluate(x, y, { metrics }));
});
