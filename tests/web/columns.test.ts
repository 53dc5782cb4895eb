import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  ArgumentTypeError,
  col2im,
  im2col,
  init,
  ShapeError,
  type Tensor,
  ValueError,
  zeros,
} from 'lamella';
import { expectError, noise, values } from './support.js';

beforeAll(() => init());

describe('im2col', () => {
  test('has the window size as default stride', () => {
    const images = noise([2, 3, 6, 6]);
    expect(im2col(images, 2).shape).toEqual([2, 3, 3, 12]);
    expect(values(im2col(images, 2))).toEqual(values(im2col(images, 2, 2)));
    expect(im2col(images, 2, 1).shape).toEqual([2, 5, 5, 12]);
  });

  test('refuses what has no windows', () => {
    expectError(() => im2col(zeros([3, 6, 6]), 2), ShapeError, 'im2col: images', '[3, 6, 6]');
    expectError(() => im2col(zeros([1, 3, 6, 4]), 5), ShapeError, 'im2col: windowSize 5');
    expectError(() => im2col(zeros([0, 3, 6, 4]), 2), ShapeError, 'im2col: images');
  });

  test('refuses sizes below 1 and takes steps beyond 32 bits for the whole image', () => {
    const images = noise([1, 1, 4, 4]);
    for (const size of [0, -1, 1.5, NaN, Infinity]) {
      expectError(() => im2col(images, size), ValueError, 'im2col: windowSize');
      expectError(() => im2col(images, 2, size), ValueError, 'im2col: stride');
    }
    expectError(() => im2col(images, '2' as never), ArgumentTypeError, 'im2col: windowSize');
    expectError(() => im2col(images, 2 ** 32), ShapeError, 'im2col: windowSize');
    expectError(() => im2col(images, 2 ** 32 + 2), ShapeError, 'im2col: windowSize');
    expect(im2col(images, 2, 2 ** 32).shape).toEqual([1, 1, 1, 4]);
  });

  test('refuses anything but a tensor', () => {
    for (const wrong of [[[[[1]]]], undefined, 5]) {
      const bad = wrong as unknown as Tensor;
      expectError(() => im2col(bad, 1), ArgumentTypeError, 'im2col: input must be a Tensor');
    }
  });
});

describe('col2im', () => {
  const dot = (a: Tensor, b: Tensor): number => {
    const other = b.view();
    return values(a).reduce((sum, value, i) => sum + value * (other[i] as number), 0);
  };

  test.each([
    [1, 1],
    [2, 1],
    [2, 2],
    [3, 2],
    [2, 3],
  ])('is the adjoint of im2col: window %p, stride %p', (windowSize, stride) => {
    const images = noise([2, 3, 7, 6], 1);
    const columns = im2col(images, windowSize, stride);
    const [n, height, width] = columns.shape as [number, number, number];
    const weights = noise(columns.shape, 2);
    const back = col2im(weights, images.shape, [n, 8, height, width], windowSize, stride);
    expect(back.shape).toEqual(images.shape);
    expect(dot(columns, weights)).toBeCloseTo(dot(images, back), 4);
  });

  test('has 1 as default stride', () => {
    const columns = noise([1, 3, 3, 4]);
    const [images, output] = [
      [1, 1, 4, 4],
      [1, 1, 3, 3],
    ] as const;
    const back = col2im(columns, images, output, 2);
    expect(values(back)).toEqual(values(col2im(columns, images, output, 2, 1)));
  });

  test('refuses shapes that do not belong together', () => {
    const columns = zeros([1, 3, 3, 4]);
    const back =
      (input: number[], output: number[], size = 2, stride = 1) =>
      () =>
        col2im(columns, input, output, size, stride);
    expectError(
      back([1, 1, 4, 4], [1, 1, 2, 3]),
      ShapeError,
      'col2im: outputShape',
      '[1, 1, 2, 3]',
    );
    expectError(back([1, 1, 4, 4], [1, 3, 3]), ShapeError, 'col2im: outputShape');
    expectError(back([1, 2, 4, 4], [1, 1, 3, 3]), ShapeError, 'col2im: cols', '[1, 3, 3, 8]');
    expectError(back([1, 4, 4], [1, 1, 3, 3]), ShapeError, 'col2im: images');
    expectError(back([1, 1, 4, 4], [1, 1, 3, 3], 5), ShapeError, 'col2im: windowSize');
    expectError(back([1, 1, 4, 4], [1, 1, 3, 3], 2, 0), ValueError, 'col2im: stride');
  });
});
