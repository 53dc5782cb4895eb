import { checkOptions, checkShape, reject } from '../runtime/checks.js';
import { ShapeError, showShape } from '../runtime/errors.js';
import { sizeOf } from '../shape.js';
import type { NestedNumbers } from '../tensor.js';
import { ArrayDataset, type NumberArray } from './array-dataset.js';
import type { ShapedDataset } from './shaped.js';

/** Options of {@link fromArrays}. */
export interface FromArraysOptions {
  /** Shape of a sample, for an x that is a typed array; nested arrays have their own. */
  readonly xShape?: readonly number[] | undefined;
  /** Shape of an expected output, for a y that is a typed array. Default []: a number each. */
  readonly yShape?: readonly number[] | undefined;
  /** Factor of each number of x, such as 1 / 255 for bytes that mean 0 to 1. Default 1. */
  readonly scale?: number | undefined;
}

function checkScale(what: string, value: unknown): void {
  if (!Number.isFinite(value)) reject(what, 'a finite number', value, 'number');
}

/** As many dimensions as a tensor has. */
const maxRank = 8;

/** The shape of nested arrays; lists of one level must be equally long. */
function shapeOf(what: string, data: NestedNumbers): number[] {
  const shape: number[] = [];
  for (let first: number | NestedNumbers | undefined = data; Array.isArray(first);) {
    const list = first as NestedNumbers;
    // Also an array that holds itself ends here.
    if (shape.push(list.length) > maxRank) {
      throw new ShapeError(`${what} must have at most ${maxRank} dimensions`);
    }
    first = list[0];
  }
  const check = (path: string, value: unknown, depth: number): void => {
    if (depth === shape.length) {
      if (typeof value !== 'number') reject(path, 'a number', value, 'number');
      return;
    }
    if (!Array.isArray(value)) reject(path, `an array of ${shape[depth]}`, value);
    if (value.length !== shape[depth]) {
      throw new ShapeError(`${path} must have ${shape[depth]} items, got ${value.length}`);
    }
    // Unlike forEach, this meets holes.
    for (const [i, item] of value.entries()) check(`${path}[${i}]`, item, depth + 1);
  };
  check(what, data, 0);
  return shape;
}

/** Numbers in one typed array, how many samples they are and the shape of each. */
function read(
  what: string,
  data: NestedNumbers | NumberArray,
  shape: readonly number[] | undefined,
): { numbers: NumberArray; length: number; shape: readonly number[] } {
  if (Array.isArray(data)) {
    const [length = 0, ...own] = shapeOf(what, data as NestedNumbers);
    if (shape && shape.join() !== own.join()) {
      throw new ShapeError(
        `${what} must hold samples of ${showShape(shape)}, got ${showShape(own)}`,
      );
    }
    return { numbers: Float32Array.from(data.flat(Infinity) as number[]), length, shape: own };
  }
  if (!ArrayBuffer.isView(data) || data instanceof DataView)
    reject(what, 'an array or typed array of numbers', data);
  if (!shape) return reject(`${what}Shape`, 'the shape of a sample, for a typed array', shape);
  const size = sizeOf(shape);
  const numbers = data;
  if (size > 0 && numbers.length % size === 0) {
    return { numbers, length: numbers.length / size, shape };
  }
  throw new ShapeError(
    `${what} must hold samples of ${size} numbers, ${showShape(shape)}; got ${numbers.length} numbers`,
  );
}

/**
 * A data set of arrays in memory: nested arrays, or typed arrays of any kind, which become floats a
 * batch at a time.
 *
 * @param x - Samples, each of the model's `inputShape`.
 * @param y - Their expected outputs, or class numbers.
 * @throws {@link ShapeError} unless x and y hold equally many samples, {@link ArgumentTypeError} and
 * {@link ValueError} for anything but numbers and for options that there are not.
 * @example
 * const [train, test] = split(fromArrays([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]), 0.75);
 * const digits = fromArrays(bytes, labels, { xShape: [1, 28, 28], scale: 1 / 255 });
 */
export function fromArrays(
  x: NestedNumbers | NumberArray,
  y: NestedNumbers | NumberArray,
  options: FromArraysOptions = {},
): ArrayDataset & ShapedDataset {
  const checks = { xShape: checkShape, yShape: checkShape, scale: checkScale };
  const { xShape, yShape, scale } = checkOptions('fromArrays', options, checks);
  const samples = read('fromArrays: x', x, xShape);
  const expected = read('fromArrays: y', y, yShape ?? (Array.isArray(y) ? undefined : []));
  const { length } = samples;
  if (length === 0 || expected.length !== length) {
    throw new ShapeError(
      `fromArrays: x and y must hold equally many samples, at least one; ` +
        `got ${length} and ${expected.length}`,
    );
  }
  const data = new ArrayDataset({ x: samples.numbers, y: expected.numbers, length, scale });
  return Object.assign(data, { xShape: [...samples.shape], yShape: [...expected.shape] });
}
