import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  ArgumentTypeError,
  init,
  LamellaError,
  oneHot,
  type Shape,
  ShapeError,
  StateError,
  Tensor,
  tensor,
  type TensorData,
  ValueError,
  zeros,
} from 'lamella';
import { type ErrorClass, expectError, values } from './support.js';

beforeAll(() => init());

describe('tensor', () => {
  test('takes the shape of nested arrays', () => {
    const t = tensor([
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      [
        [7, 8],
        [9, 10],
        [11, 12],
      ],
    ]);
    expect(t.shape).toEqual([2, 3, 2]);
    expect(t.size).toBe(12);
    expect(values(t)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test.each([
    ['array', [1, -2, 3.5]],
    ['Float32Array', Float32Array.of(1, -2, 3.5)],
    ['Float64Array', Float64Array.of(1, -2, 3.5)],
  ])('takes a flat %s', (_, data) => {
    expect(tensor(data).shape).toEqual([3]);
    expect(values(tensor(data, [3, 1]))).toEqual([1, -2, 3.5]);
  });

  test.each([Uint8Array.of(1, 255), Int32Array.of(1, 255), [1, 255]])('takes integers', (data) => {
    expect(values(tensor(data, [1, 2]))).toEqual([1, 255]);
  });

  test('keeps every float32, rounding float64 to the nearest', () => {
    const special = [NaN, Infinity, -Infinity, 1e-45, 3.4028234663852886e38, -0];
    expect(values(tensor(special))).toEqual(special.map(Math.fround));
    expect(values(tensor([0.1]))).toEqual([Math.fround(0.1)]);
  });

  test('copies its data', () => {
    const data = Float32Array.of(1, 2);
    const t = tensor(data);
    data[0] = 9;
    expect(values(t)).toEqual([1, 2]);
  });

  test('has room for no elements and for eight dimensions', () => {
    expect(tensor([]).shape).toEqual([0]);
    expect(tensor([[], []]).shape).toEqual([2, 0]);
    expect(tensor([7], [1, 1, 1, 1, 1, 1, 1, 1]).shape).toHaveLength(8);
  });

  test.each<[string, TensorData]>([
    ['one row shorter', [[1, 2], [3]]],
    ['one row longer', [[1], [2, 3]]],
    [
      'deep inside',
      [
        [[1], [2]],
        [[3], [4, 5]],
      ],
    ],
  ])('refuses ragged arrays: %s', (_, data) => {
    expectError(() => tensor(data), ShapeError, 'tensor: data', 'ragged', 'expected', 'got');
  });

  test.each<[string, unknown, string]>([
    ['a string', 'abc', 'abc'],
    ['a number', 5, '5'],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a function', () => 1, 'got function'],
    ['an object without a prototype', Object.create(null), ''],
    ['a string inside', [1, '2'], '2'],
    ['a hole', new Array(2), 'undefined'],
    ['null inside', [[1], [null]], 'null'],
    ['a list beside a number', [1, [2]], 'expected a number at depth 1, got [2]'],
    ['a number beside a list', [[1], 2], '2'],
    ['BigInts', BigInt64Array.of(1n), 'BigInt64Array'],
    ['a DataView', new DataView(new ArrayBuffer(4)), 'DataView'],
  ])('refuses %s', (_, data, given) => {
    expectError(() => tensor(data as TensorData), ArgumentTypeError, 'tensor:', given);
  });

  test.each<[Shape, string]>([
    [[2, 2], '[2, 2]'],
    [[4], '4'],
    [[2], '2'],
    [[], '1'],
    [[0], '0'],
  ])('refuses 3 numbers for the shape %p', (shape, wanted) => {
    expectError(() => tensor([1, 2, 3], shape), ShapeError, wanted, 'got 3');
  });

  test('refuses a wrong count before it allocates', () => {
    const before = zeros([1]).view().buffer.byteLength;
    expectError(() => tensor([1, 2, 3], [200_000_000]), ShapeError, '200000000', 'got 3');
    expect(zeros([1]).view().buffer.byteLength).toBe(before);
  });
});

const wrongShapes: [string, unknown, ErrorClass][] = [
  ['a negative dimension', [2, -3], ValueError],
  ['a fraction', [1.5], ValueError],
  ['NaN', [NaN], ValueError],
  ['Infinity', [Infinity], ValueError],
  ['more elements than addresses', [100_000, 100_000], ShapeError],
  ['a dimension beyond 32 bits', [2 ** 40], ShapeError],
  ['2^32, which wraps to 0', [2 ** 32], ShapeError],
  ['a product that wraps', [65536, 65536, 1], ShapeError],
  ['nine dimensions', [1, 1, 1, 1, 1, 1, 1, 1, 1], ShapeError],
  ['a string', ['2'], ArgumentTypeError],
  ['undefined', [undefined], ArgumentTypeError],
  ['a number', 4, ArgumentTypeError],
  ['null', null, ArgumentTypeError],
  ['a typed array', Uint32Array.of(2), ArgumentTypeError],
];

describe('a shape', () => {
  test.each(wrongShapes)('with %s is refused by zeros', (_, shape, kind) => {
    expectError(() => zeros(shape as Shape), kind, 'shape');
  });

  test.each(wrongShapes)('with %s is refused by reshape', (_, shape, kind) => {
    expectError(() => zeros([6]).reshape(shape as Shape), kind, 'shape');
  });

  test('is a typed error or right, whatever is given', () => {
    const dimension = fc.oneof(
      fc.integer({ min: -2, max: 5 }),
      fc.double(),
      // Never just below the limit, which would really allocate.
      fc.integer({ min: 2 ** 30, max: Number.MAX_SAFE_INTEGER }),
      fc.anything(),
    );
    fc.assert(
      fc.property(fc.oneof(fc.array(dimension, { maxLength: 10 }), fc.anything()), (shape) => {
        let made: Tensor;
        try {
          made = zeros(shape as Shape);
        } catch (error) {
          expect(error).toBeInstanceOf(LamellaError);
          return;
        }
        expect(made.shape).toEqual(shape);
        made.dispose();
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});

describe('zeros', () => {
  test('are zeros, also where other numbers were', () => {
    for (let i = 0; i < 10; i++) {
      const t = zeros([3, 5]);
      expect(values(t)).toEqual(new Array(15).fill(0));
      t.view().fill(7);
      t.dispose();
    }
  });
});

describe('a tensor', () => {
  test('hands out a copy by toArray and itself by view', () => {
    const t = tensor([1, 2, 3]);
    const copy = t.toArray();
    t.view()[1] = 9;
    expect(Array.from(copy)).toEqual([1, 2, 3]);
    expect(Array.from(t.toArray())).toEqual([1, 9, 3]);
  });

  test.each<[Shape]>([[[6]], [[2, 3]], [[1, 2, 3]], [[3, 1, 2]], [[0]], [[2, 0]]])(
    'of shape %p comes back from its nested arrays',
    (shape) => {
      const t = zeros(shape);
      t.set(Array.from({ length: t.size }, (_, i) => i));
      const nested = t.toNestedArray();
      const again = tensor(nested);
      expect(again.shape).toEqual(shape);
      expect(values(again)).toEqual(values(t));
    },
  );

  test('nests its elements row by row', () => {
    expect(tensor([1, 2, 3, 4, 5, 6], [2, 3]).toNestedArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  test('is overwritten by set, which wants as many numbers', () => {
    const t = tensor([[1, 2]]);
    t.set([3, 4]);
    t.set(Float32Array.of(5, 6));
    expect(values(t)).toEqual([5, 6]);
    expectError(
      () => {
        t.set([1]);
      },
      ShapeError,
      'Tensor.set',
      '[1, 2]',
      '2',
      'got 1',
    );
    expectError(
      () => {
        t.set([1, 2, 3]);
      },
      ShapeError,
      'got 3',
    );
    expect(values(t)).toEqual([5, 6]);
  });

  test.each<[string, () => unknown]>([
    ['undefined', () => undefined],
    ['null', () => null],
    ['a number', () => 2],
    ['BigInts', () => BigInt64Array.of(1n, 2n)],
    ['a tensor', () => tensor([3, 4])],
  ])('is not overwritten by %s', (_, given) => {
    const t = tensor([1, 2]);
    expectError(
      () => {
        t.set(given() as number[]);
      },
      ArgumentTypeError,
      'Tensor.set: values',
    );
    expect(values(t)).toEqual([1, 2]);
  });

  test('shares its elements with what reshape returns', () => {
    const t = tensor([1, 2, 3, 4, 5, 6]);
    const matrix = t.reshape([2, 3]);
    expect(matrix.shape).toEqual([2, 3]);
    expect(t.shape).toEqual([6]);
    matrix.view()[5] = 9;
    expect(values(t)).toEqual([1, 2, 3, 4, 5, 9]);
    t.dispose();
    expect(values(matrix)).toEqual([1, 2, 3, 4, 5, 9]);
  });

  test('of 6 elements has no shape of 4', () => {
    expectError(() => zeros([2, 3]).reshape([2, 2]), ShapeError, '[2, 3]', '[2, 2]');
  });

  test('shares nothing with its clone', () => {
    const t = tensor([[1, 2]]);
    const clone = t.clone();
    t.set([8, 9]);
    expect(clone.shape).toEqual([1, 2]);
    expect(values(clone)).toEqual([1, 2]);
  });

  test('has a view that goes stale, not wrong, when memory grows', () => {
    const t = tensor([1, 2]);
    const view = t.view();
    const big = zeros([view.buffer.byteLength / 4]);
    expect(view).toHaveLength(0);
    expect(values(t)).toEqual([1, 2]);
    big.dispose();
  });

  test.each<[string, (t: Tensor) => unknown]>([
    ['shape', (t) => t.shape],
    ['size', (t) => t.size],
    ['view', (t) => t.view()],
    ['toArray', (t) => t.toArray()],
    ['toNestedArray', (t) => t.toNestedArray()],
    [
      'set',
      (t) => {
        t.set([1]);
      },
    ],
    ['reshape', (t) => t.reshape([1])],
    ['clone', (t) => t.clone()],
  ])('is a StateError after dispose: %s', (_, use) => {
    const t = tensor([1]);
    t.dispose();
    expect(t.disposed).toBe(true);
    expectError(() => use(t), StateError, 'Tensor: used after dispose()');
  });
});

describe('oneHot', () => {
  test('puts a one where the label says', () => {
    const rows = oneHot(Uint8Array.of(2, 0), 3);
    expect(rows.toNestedArray()).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ]);
  });

  test.each([3, -1, 0.5, NaN, Infinity])('refuses the label %p of 3 classes', (label) => {
    expectError(
      () => oneHot([0, label], 3),
      ValueError,
      'oneHot: labels',
      '0 to 2',
      `${label} at 1`,
    );
  });

  test.each([-1, 1.5, NaN])('refuses %p classes', (classes) => {
    expectError(() => oneHot([0], classes), ValueError);
  });

  test.each([undefined, null, 5])('refuses %p as labels', (labels) => {
    expectError(
      () => oneHot(labels as unknown as number[], 3),
      ArgumentTypeError,
      'oneHot: labels',
    );
  });

  test('refuses what is not a number', () => {
    expectError(
      () => oneHot(['1'] as unknown as number[], 3),
      ValueError,
      "oneHot: labels[0] must be a number, got '1'",
    );
    expectError(() => oneHot([1], '3' as unknown as number), ArgumentTypeError);
  });
});

describe('numbers are read once, before anything is written', () => {
  const hostile: [string, unknown][] = [
    ['a text in a list', [1, '2', 3]],
    ['nothing in a list', [1, undefined, 3]],
    ['BigInts', BigInt64Array.of(1n, 2n, 3n)],
    ['a BigInt in a list', [1, 2, 3n]],
    ['an object of a bad length', { length: NaN, 0: 1 }],
    ['an object of a negative length', { length: -3 }],
    ['an object of half a length', { length: 2.5, 0: 1, 1: 2 }],
    ['an object of an endless length', { length: 1e10, 0: 1 }],
    ['an object that is empty', { length: 3 }],
    ['a text', '123'],
    ['a view without numbers', new DataView(new ArrayBuffer(12))],
    ['null', null],
    ['a number', 3],
  ];
  test.each(hostile)('%s', (_, given) => {
    const t = tensor([7, 8, 9]);
    expect(() => {
      t.set(given as number[]);
    }).toThrow(LamellaError);
    expect(values(t)).toEqual([7, 8, 9]);
    expect(() => tensor(given as number[])).toThrow(LamellaError);
    expect(() => oneHot(given as number[], 10)).toThrow(LamellaError);
  });

  test('an array that was given away', () => {
    const given = Float32Array.of(1, 2, 3);
    structuredClone(given, { transfer: [given.buffer] });
    for (const call of [
      () => tensor(given),
      () => tensor(given, [0]),
      () => {
        zeros([0]).set(given);
      },
      () => oneHot(given, 3),
    ]) {
      expectError(call, ArgumentTypeError, 'array or typed array of numbers');
    }
  });

  test('an array in itself, and one of too many dimensions', () => {
    const ring: unknown[] = [];
    ring.push(ring);
    expectError(() => tensor(ring as number[]), ShapeError, 'at most 8 dimensions');
    expect(tensor([[[[[[[[1]]]]]]]]).shape).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  });

  test('getters that do harm', () => {
    const t = tensor([1, 2]);
    let other = t;
    const list = {
      length: 2,
      get 0() {
        t.dispose();
        other = zeros([2]);
        return 5;
      },
      1: 6,
    };
    expectError(
      () => {
        t.set(list);
      },
      StateError,
      'used after dispose()',
    );
    expect(values(other)).toEqual([0, 0]);
  });

  test('a view of a tensor that goes stale as memory grows', () => {
    const source = zeros([2 ** 22]);
    source.view().fill(3);
    for (let i = 0; i < 12; i++) {
      const copy = tensor(source.view());
      expect([copy.view()[0], copy.view()[2 ** 22 - 1]]).toEqual([3, 3]);
      if (i < 11) continue;
      copy.dispose();
    }
  });

  test('errors name the call', () => {
    expectError(() => zeros([-1]), ValueError, 'zeros: shape[0]');
    expectError(() => oneHot([1], 1.5), ValueError, 'oneHot: classes must be a whole number');
  });
});
