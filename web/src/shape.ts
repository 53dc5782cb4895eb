import { ShapeError, showShape } from './runtime/errors.js';

/** Dimensions, outermost first. Images are [N, C, H, W]. */
export type Shape = readonly number[];

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** @throws {@link ShapeError} unless a shape is that of so many numbers. */
export function checkSize(call: string, shape: Shape, length: number): void {
  const size = sizeOf(shape);
  if (size === length) return;
  throw new ShapeError(`${call}: shape ${showShape(shape)} wants ${size} numbers, got ${length}`);
}

/**
 * The number of samples in so many numbers.
 *
 * @throws {@link ShapeError} unless it is a whole one of at least 1.
 */
export function countSamples(what: string, length: number, sample: Shape): number {
  const size = sizeOf(sample);
  if (length > 0 && length % size === 0) return length / size;
  throw new ShapeError(
    `${what} must hold a multiple of ${size} numbers (samples of ${showShape(sample)}), got ${length}`,
  );
}
