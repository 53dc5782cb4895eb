import { having, wholeNumber } from '../runtime/checks.js';
import { ValueError } from '../runtime/errors.js';

/**
 * Samples that are gathered a batch at a time: from files, from a server, from bytes, or made up as
 * they are asked for. `Model.train` takes it in the place of x and y, and as `validationData`.
 * @example
 * const noise = {
 *   length: 1000,
 *   gather(indices, x, y) {
 *     indices.forEach((index, i) => {
 *       x[i] = Math.sin(index);
 *       y[i] = x[i] ** 2;
 *     });
 *   },
 * };
 */
export interface Dataset {
  /** Number of samples, at least 1. It is read once a training. */
  readonly length: number;
  /**
   * Writes samples, one after another, each row-major. Two batches are gathered ahead: it is called
   * again before a promise that it returned is fulfilled. What it throws or rejects with ends the
   * training when that batch's turn comes.
   * @param indices - Which ones, from 0 to `length` - 1.
   * @param x - Takes the samples, each of the model's `inputShape`. It is full of zeros.
   * @param y - Takes the expected outputs, each of the model's `outputShape`, or one class number
   * each for SparseCategoricalCrossEntropy. It is full of zeros.
   */
  gather(indices: Uint32Array, x: Float32Array, y: Float32Array): void | Promise<void>;
}

/** The engine keeps the order of an epoch's samples, four bytes each of the 2 GiB that it has. */
const maxSamples = 2 ** 29;

const isGatherer = /* @__PURE__ */ having('a Dataset', 'gather');

/** Whether an argument is meant to be a data set. */
export function isDataset(data: unknown): data is Dataset {
  return typeof (Object(data) as Partial<Dataset>).gather === 'function';
}

/**
 * The number of samples of a data set.
 * @throws ArgumentTypeError, ValueError for anything but a data set with one.
 */
export function sampleCount(what: string, dataset: Dataset): number {
  isGatherer(what, dataset);
  const length = wholeNumber(`${what}: length`, dataset.length);
  if (length < maxSamples) return length;
  throw new ValueError(`${what}: length must be below 2^29, got ${length}`);
}
