// Options of the normalizations and of ParametricReLU of lamella/graph, and Normalization.adapt.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Adam,
  ArgumentTypeError,
  Dense,
  Flatten,
  GroupNormalization,
  init,
  Model,
  MSE,
  Normalization,
  ParametricReLU,
  RMSNormalization,
  ShapeError,
  StateError,
  ValueError,
} from 'lamella/graph';
import { type ErrorClass, expectError, noise, values } from './support.js';

beforeAll(async () => {
  await init();
});

const image = [6, 4, 3];

describe('refuses', () => {
  const refused: [name: string, make: () => unknown, error: ErrorClass, parts: string[]][] = [
    ['no groups', () => new GroupNormalization({ groups: 0 }), ValueError, ['groups', '0']],
    ['half a group', () => new GroupNormalization({ groups: 1.5 }), ValueError, ['groups', '1.5']],
    [
      'groups as text',
      () => new GroupNormalization({ groups: '2' as never }),
      ArgumentTypeError,
      ["'2'"],
    ],
    [
      'a number as options',
      () => new GroupNormalization(8 as never),
      ArgumentTypeError,
      ['groups'],
    ],
    [
      'an unknown option',
      () => new GroupNormalization({ group: 2 } as never),
      ValueError,
      ["'group'", 'groups'],
    ],
    [
      'groups that do not divide',
      () => {
        new GroupNormalization({ groups: 4 }).build([6, 3, 3]);
      },
      ShapeError,
      ['4 groups', '6 channels'],
    ],
    [
      'an axis that is not there',
      () => {
        new GroupNormalization({ groups: 1, axis: 3 }).build([6, 3, 3]);
      },
      ShapeError,
      ['axis 3'],
    ],
    [
      'a negative epsilon',
      () => new RMSNormalization({ epsilon: -1 }),
      ValueError,
      ['epsilon', '-1'],
    ],
    ['NaN', () => new RMSNormalization({ epsilon: NaN }), ValueError, ['epsilon', 'NaN']],
    ['half an axis', () => new RMSNormalization({ axis: 0.5 }), ValueError, ['axis', '0.5']],
    [
      'another axis',
      () => {
        new RMSNormalization({ axis: 1 }).build([4]);
      },
      ShapeError,
      ['axis 1'],
    ],
    ['an infinite slope', () => new ParametricReLU({ initialAlpha: Infinity }), ValueError, []],
    ['alpha', () => new ParametricReLU({ alpha: 0.1 } as never), ValueError, ["'alpha'"]],
    ['a mean alone', () => new Normalization({ mean: 1 }), ValueError, ['a mean alone']],
    ['a variance alone', () => new Normalization({ variance: 1 }), ValueError, ['variance alone']],
    [
      'a negative variance',
      () => new Normalization({ mean: 0, variance: [1, -1] }),
      ValueError,
      ['variance', '-1'],
    ],
    ['an empty list', () => new Normalization({ mean: [], variance: [] }), ValueError, ['mean']],
    [
      'a mean as text',
      () => new Normalization({ mean: 'x' as never, variance: 1 }),
      ArgumentTypeError,
      ['mean', "'x'"],
    ],
    [
      'numbers for other channels',
      () => {
        new Normalization({ mean: [1, 2], variance: [1, 2] }).build([3, 2, 2]);
      },
      ShapeError,
      ['3 channels', 'got 2'],
    ],
  ];
  test.each(refused)('%s', (_, make, error, parts) => {
    expectError(make, error, ...parts);
  });
});

describe('Normalization.adapt', () => {
  test('takes nested arrays, and data of other sizes with the same channels', () => {
    const layer = new Normalization();
    layer.adapt([
      [1, 10],
      [3, 30],
    ]);
    expect(values(layer.mean)).toEqual([2, 20]);
    expect(values(layer.variance)).toEqual([1, 100]);
    const images = new Normalization({ inputShape: [2, 3, 3] });
    images.adapt(noise([4, 2, 5, 7]));
    expect(images.inputShape).toEqual([2, 3, 3]);
    expect(values(images.variance).every((variance) => variance > 0)).toBe(true);
  });

  test('large means lose nothing', () => {
    const layer = new Normalization();
    layer.adapt(Array.from({ length: 1000 }, (_, i) => [1e6 + (i % 2)]));
    expect(values(layer.variance)).toEqual([0.25]);
  });

  test('refuses what it cannot use, and changes nothing', () => {
    const layer = new Normalization();
    expectError(
      () => {
        layer.adapt([]);
      },
      ValueError,
      'empty',
    );
    expectError(
      () => {
        layer.adapt([1, 2, 3]);
      },
      ShapeError,
      'axis',
    );
    expectError(
      () => {
        layer.adapt([[1, NaN]]);
      },
      ValueError,
      'channel 1',
      'NaN',
    );
    expectError(
      () => {
        layer.adapt('data' as never);
      },
      ArgumentTypeError,
      'data',
    );
    expectError(() => layer.inputShape, StateError);
    layer.build(2);
    expectError(
      () => {
        layer.adapt([[1, 2, 3]]);
      },
      ShapeError,
      '[2]',
      '[1, 3]',
    );
    expect(values(layer.mean)).toEqual([0, 0]);
    expect(values(layer.variance)).toEqual([1, 1]);
    expectError(
      () => {
        new Normalization({ mean: 0, variance: 1 }).adapt([[1]]);
      },
      StateError,
      'option',
    );
  });

  test('training leaves the state as it is', () => {
    const normalization = new Normalization();
    normalization.adapt(noise([20, ...image]));
    const before = values(normalization.mean);
    const model = new Model([normalization, new Flatten(), new Dense(2)], {
      loss: new MSE(),
      optimizer: new Adam(),
    });
    for (let step = 0; step < 3; step++) model.trainBatch(noise([4, ...image]), noise([4, 2]));
    expect(values(normalization.mean)).toEqual(before);
    expect(normalization.params).toEqual({});
  });
});
