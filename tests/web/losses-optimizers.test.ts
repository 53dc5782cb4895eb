// Losses and optimizers where the golden numbers have nothing.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Adam,
  ArgumentTypeError,
  BinaryCrossEntropy,
  CategoricalCrossEntropy,
  Dense,
  init,
  type Layer,
  type Loss,
  MSE,
  type Optimizer,
  RMSprop,
  SGD,
  ShapeError,
  StateError,
  type Tensor,
  tensor,
  ValueError,
  zeros,
} from 'lamella';
import { expectError, noise, values } from './support.js';

beforeAll(() => init());

const losses: [string, () => Loss, object][] = [
  ['MSE', () => new MSE(), {}],
  ['BinaryCrossEntropy', () => new BinaryCrossEntropy(), {}],
  ['CategoricalCrossEntropy', () => new CategoricalCrossEntropy(), { temperature: 1 }],
];

describe.each(losses)('%s', (type, make, config) => {
  test('has its defaults', () => {
    expect(make().type).toBe(type);
    expect(make().getConfig()).toEqual(config);
  });

  test('refuses shapes that differ, and vectors', () => {
    for (const method of ['value', 'gradient'] as const) {
      const use = (a: number[], b: number[]) => () => make()[method](zeros(a), zeros(b));
      expectError(use([2, 3], [3, 2]), ShapeError, `${type}: `, '[2, 3]', '[3, 2]');
      expectError(use([3], [3]), ShapeError, `${type}: output must be`, '[3]');
      expectError(use([0, 3], [0, 3]), ShapeError, `${type}: output must be`);
    }
  });

  test('refuses anything but tensors', () => {
    const loss = make() as unknown as Record<string, (a: unknown, b: unknown) => unknown>;
    const good = zeros([1, 2]);
    for (const method of ['value', 'gradient']) {
      for (const bad of [[[1, 2]], undefined, 5]) {
        expectError(
          () => loss[method]?.(bad, good),
          ArgumentTypeError,
          `${type}: output must be a`,
        );
        expectError(() => loss[method]?.(good, bad), ArgumentTypeError, `${type}: expected output`);
      }
    }
  });

  test('is a StateError after dispose()', () => {
    const loss = make();
    loss.dispose();
    expectError(() => loss.getConfig(), StateError, `${type}: used after dispose()`);
  });

  test('has the gradient of its value', () => {
    const loss = make();
    const output = noise([2, 3]);
    const expected = tensor([1, 0, 0, 0, 1, 0], [2, 3]);
    const gradient = values(loss.gradient(output, expected));
    gradient.forEach((slope, i) => {
      const step = (h: number): number => {
        const moved = output.clone();
        (moved.view()[i] as number) += h;
        return loss.value(moved, expected);
      };
      expect((step(1 / 64) - step(-1 / 64)) * 32).toBeCloseTo(slope, 3);
    });
  });
});

test('the cross-entropies are exact far out', () => {
  const far = tensor([[200, -200]]);
  expect(new CategoricalCrossEntropy().value(far, tensor([[0, 1]]))).toBeCloseTo(400, 3);
  expect(new CategoricalCrossEntropy().value(far, tensor([[1, 0]]))).toBe(0);
  expect(new BinaryCrossEntropy().value(far, tensor([[0, 1]]))).toBeCloseTo(400, 3);
  expect(new BinaryCrossEntropy().value(far, tensor([[1, 0]]))).toBeCloseTo(0, 80);
});

const optimizers: [string, (options?: object) => Optimizer, object][] = [
  ['SGD', (options) => new SGD(options), { learningRate: 0.01, momentum: 0 }],
  [
    'RMSprop',
    (options) => new RMSprop(options),
    { learningRate: 0.001, decayRate: 0.9, epsilon: 1e-8 },
  ],
  [
    'Adam',
    (options) => new Adam(options),
    { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  ],
];

describe.each(optimizers)('%s', (type, make, config) => {
  const dense = (inputSize = 2): Dense => {
    const layer = new Dense(1, { inputSize });
    layer.forward(noise([3, inputSize]));
    layer.backward(tensor([[1], [1], [1]]));
    return layer;
  };

  test('has its defaults', () => {
    const expected = { ...config, regularization: 'L2', weightDecay: 0 };
    expect(make().type).toBe(type);
    expect(make().getConfig()).toEqual(expected);
    const other = { ...expected, learningRate: 0.5, regularization: 'L1', weightDecay: 0.5 };
    expect(make(other).getConfig()).toEqual(other);
  });

  test('refuses what it does not know', () => {
    expectError(() => make({ rate: 1 }), ValueError, `${type}: unknown option 'rate'`, 'learningR');
    expectError(() => make({ regularization: 'L3' }), ValueError, 'regularization', "'L3'");
    expectError(() => make({ regularization: 1 }), ArgumentTypeError, `${type}: regularization`);
  });

  test('has a learning rate that may change', () => {
    const optimizer = make({ weightDecay: 0 });
    const layer = dense();
    optimizer.step([layer]);
    optimizer.learningRate = 0;
    expect(optimizer.learningRate).toBe(0);
    // SGD still has momentum.
    if (type !== 'SGD') {
      const before = values(layer.weights);
      optimizer.step([layer]);
      expect(values(layer.weights)).toEqual(before);
    }
    for (const rate of [-1, NaN, Infinity]) {
      expectError(
        () => {
          optimizer.learningRate = rate;
        },
        ValueError,
        `${type}: learningRate`,
      );
    }
    expect(optimizer.learningRate).toBe(0);
  });

  test('goes against the gradient', () => {
    const layer = dense();
    const before = values(layer.weights);
    const gradient = values(layer.params['weights']?.gradient as Tensor);
    make({ weightDecay: 0 }).step([layer]);
    values(layer.weights).forEach((value, i) => {
      expect(Math.sign(value - (before[i] as number))).toBe(-Math.sign(gradient[i] as number));
    });
  });

  test('serves the layers of its first step only, and changes no others', () => {
    const optimizer = make();
    optimizer.step([dense()]);
    optimizer.step([dense()]);
    const other = dense(3);
    const before = values(other.weights);
    for (const layers of [[other], [], [dense(), dense()]]) {
      expectError(
        () => {
          optimizer.step(layers);
        },
        StateError,
        `${type}: the parameters are not`,
      );
    }
    expect(values(other.weights)).toEqual(before);
  });

  test('steps on built layers and nothing else', () => {
    for (const wrong of [5, null, undefined, Dense, new MSE()]) {
      expectError(
        () => {
          make().step([wrong as unknown as Layer]);
        },
        ArgumentTypeError,
        `${type}.step: layers must extend Layer`,
      );
    }
    expectError(
      () => {
        make().step([new Dense(1)]);
      },
      StateError,
      'Dense: params',
    );
  });

  test('is a StateError after dispose()', () => {
    const optimizer = make();
    optimizer.dispose();
    optimizer.dispose();
    expectError(() => optimizer.learningRate, StateError, `${type}: used after dispose()`);
    expectError(
      () => {
        optimizer.step([dense()]);
      },
      StateError,
      `${type}: used after`,
    );
  });
});
