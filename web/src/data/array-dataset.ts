import { checkOptions, reject, wholeNumber } from '../runtime/checks.js';
import { describe, ShapeError, ValueError } from '../runtime/errors.js';
import type { NestedNumbers, TensorData } from '../tensor.js';
import type { Dataset } from './dataset.js';

/** A flat list of numbers, of any of the kinds that tensors are made of. */
export type NumberArray = Exclude<TensorData, NestedNumbers>;

/** Options of {@link ArrayDataset}. */
export interface ArrayDatasetOptions {
  /** The samples, one after another. */
  readonly x: NumberArray;
  /** Their expected outputs, or class numbers. */
  readonly y: NumberArray;
  /** Number of samples. */
  readonly length: number;
  /** Factor of each number of x, such as 1 / 255 for bytes that mean 0 to 1. Default 1. */
  readonly scale?: number | undefined;
}

function checkNumbers(what: string, value: unknown): void {
  const isNumbers = ArrayBuffer.isView(value) && !/Data|Big/.test(describe(value));
  if (!isNumbers) reject(what, 'a typed array of numbers', value);
}

const checks = {
  x: checkNumbers,
  y: checkNumbers,
  length: wholeNumber,
  scale: (what: string, value: unknown) => {
    if (!Number.isFinite(value)) reject(what, 'a finite number', value, 'number');
  },
};

/** Copies the rows `indices` of `data`, which has `length` of them, to `batch`. */
function copyRows(
  name: string,
  { data, length }: { readonly data: NumberArray; readonly length: number },
  indices: Uint32Array,
  batch: Float32Array,
  scale: number,
): void {
  const size = data.length / length;
  if (batch.length !== indices.length * size) {
    throw new ShapeError(
      `ArrayDataset: each sample has ${size} numbers of ${name}, ` +
        `the model takes ${batch.length / indices.length}`,
    );
  }
  for (const [i, index] of indices.entries()) {
    if (index >= length) {
      throw new ValueError(`ArrayDataset: there is no sample ${index} among ${length}`);
    }
    const from = index * size;
    const to = i * size;
    if (scale === 1) batch.set(data.subarray(from, from + size), to);
    else for (let k = 0; k < size; k++) batch[to + k] = (data[from + k] as number) * scale;
  }
}

/**
 * Samples in typed arrays of any kind, which become floats a batch at a time: images as bytes take a
 * quarter of the memory. A worker gets the arrays once for a training and gathers there.
 * @example
 * const digits = new ArrayDataset({ x: images, y: labels, length: labels.length, scale: 1 / 255 });
 * await model.train(digits, { epochs: 5 });
 */
export class ArrayDataset implements Dataset {
  /** The samples, one after another. */
  readonly x: NumberArray;
  /** Their expected outputs, or class numbers. */
  readonly y: NumberArray;
  readonly length: number;
  /** Factor of each number of x. */
  readonly scale: number;

  /**
   * @param options - The arrays, which stay the caller's, and how many samples they hold.
   * @throws {@link ShapeError} unless x and y hold a multiple of `length` numbers,
   * {@link ArgumentTypeError} and {@link ValueError} for options that there are not or that make no
   * sense.
   */
  constructor(options: ArrayDatasetOptions) {
    const { x, y, length, scale = 1 } = checkOptions('ArrayDataset', options, checks, 3);
    for (const [name, data] of Object.entries({ x, y })) {
      if (data.length > 0 && data.length % length === 0) continue;
      throw new ShapeError(
        `ArrayDataset: ${name} must hold a multiple of ${length} numbers, got ${data.length}`,
      );
    }
    [this.x, this.y, this.length, this.scale] = [x, y, length, scale];
  }

  gather(indices: Uint32Array, x: Float32Array, y: Float32Array): void {
    const { length } = this;
    copyRows('x', { data: this.x, length }, indices, x, this.scale);
    copyRows('y', { data: this.y, length }, indices, y, 1);
  }
}
