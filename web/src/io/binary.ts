import { FormatError, showShape } from '../runtime/errors.js';
import { limits } from './limits.js';

/**
 * Number of elements of a shape that a file claims.
 * @throws {@link FormatError} for dimensions that no array in memory can have.
 */
export function elementCount(entry: string, shape: readonly unknown[]): number {
  if (shape.length > limits.rank) {
    throw new FormatError(entry, `has ${shape.length} dimensions, more than ${limits.rank}`);
  }
  let count = 1;
  for (const dim of shape) {
    if (typeof dim !== 'number' || !Number.isSafeInteger(dim) || dim < 0) {
      throw new FormatError(entry, `shape ${showShape(shape)} is not made of whole numbers`);
    }
    count *= dim;
  }
  // Beyond 2^53 the product is inexact, and compares with no length.
  if (Number.isSafeInteger(count)) return count;
  throw new FormatError(entry, `shape ${showShape(shape)} is too large`);
}

/** Readers of the little-endian whole numbers in bytes, by their places. */
export function numbersIn(bytes: Uint8Array): {
  u16: (at: number) => number;
  u32: (at: number) => number;
  u64: (at: number) => number;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    u16: (at) => view.getUint16(at, true),
    u32: (at) => view.getUint32(at, true),
    u64: (at) => Number(view.getBigUint64(at, true)),
  };
}

/** Whole numbers one after another, little-endian, each in so many bytes. */
export function wholeNumbers(
  ...numbers: readonly (readonly [value: number, size: number])[]
): Uint8Array<ArrayBuffer> {
  const bytes = numbers.flatMap(([value, size]) =>
    Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i)),
  );
  // Of each the array keeps the lowest eight bits.
  return Uint8Array.from(bytes);
}

/** IEEE 754 binary16, widened exactly. */
function widen(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Little-endian float16 numbers, widened. `bytes.length` is a multiple of 2. */
export function decodeFloat16(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(new Uint16Array(bytes.slice().buffer), widen);
}

/** Little-endian float32 numbers as an array of their own. `bytes.length` is a multiple of 4. */
export function decodeFloat32(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  // A copy: the numbers may lie at any offset, and WebAssembly's hosts are little-endian but for
  // curiosities that no browser runs on.
  return new Float32Array(bytes.slice().buffer);
}

/** Little-endian float64 numbers, rounded. `bytes.length` is a multiple of 8. */
export function decodeFloat64(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  return new Float32Array(new Float64Array(bytes.slice().buffer));
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
