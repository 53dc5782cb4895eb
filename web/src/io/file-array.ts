import { FormatError, LamellaError } from '../runtime/errors.js';
import type { Shape, Tensor } from '../tensor.js';

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

/**
 * Number of elements of a shape that a file claims.
 * @throws {@link FormatError} for dimensions that no array in memory can have.
 */
export function elementCount(entry: string, shape: readonly unknown[]): number {
  let count = 1;
  for (const dim of shape) {
    if (typeof dim !== 'number' || !Number.isSafeInteger(dim) || dim < 0) {
      throw new FormatError(entry, `shape [${shape.join(', ')}] is not made of whole numbers`);
    }
    count *= dim;
  }
  // Beyond 2^53 the product is inexact, and compares with no length.
  if (Number.isSafeInteger(count) && shape.length <= 32) return count;
  throw new FormatError(entry, `shape [${shape.slice(0, 32).join(', ')}] is too large`);
}

/** Little-endian float32 numbers as an array of their own. `bytes.length` is a multiple of 4. */
export function decodeFloat32(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  // A copy: the numbers may lie at any offset, and WebAssembly's hosts are little-endian but for
  // curiosities that no browser runs on.
  return new Float32Array(bytes.slice().buffer);
}

/** The bytes of float32 numbers, little-endian, shared. */
export function encodeFloat32(data: Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The pieces one after another. */
export function concatenate(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** The result of `body`, whose errors become those of an entry of a file. */
export function inEntry<Result>(entry: string, body: () => Result): Result {
  try {
    return body();
  } catch (error) {
    if (error instanceof FormatError) throw error;
    if (!(
      error instanceof LamellaError ||
      error instanceof TypeError ||
      error instanceof RangeError
    ))
      throw error;
    throw new FormatError(entry, error.message, { cause: error });
  }
}
