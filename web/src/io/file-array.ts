import { FormatError, LamellaError, OutOfMemoryError } from '../runtime/errors.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';

/** An array as files hold it: float32 numbers, row-major. */
export interface FileArray {
  /** Dimensions, outermost first. */
  readonly shape: Shape;
  /** The elements, as many as the shape says. */
  readonly data: Float32Array<ArrayBuffer>;
}

/** A copy of a tensor's numbers. */
export function fileArray(tensor: Tensor): FileArray {
  return { shape: tensor.shape, data: tensor.toArray() };
}

/** The result of `body`, whose errors become those of an entry of a file. */
export function inEntry<Result>(entry: string, body: () => Result): Result {
  try {
    return body();
  } catch (error) {
    if (error instanceof FormatError || error instanceof OutOfMemoryError) throw error;
    if (!(
      error instanceof LamellaError ||
      error instanceof TypeError ||
      error instanceof RangeError
    ))
      throw error;
    throw new FormatError(entry, error.message, { cause: error });
  }
}
