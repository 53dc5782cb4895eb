import { FormatError, ValueError, showShape } from '../runtime/errors.js';
import { encodeText } from '../runtime/text.js';
import {
  concatenate,
  decodeFloat16,
  decodeFloat32,
  decodeFloat64,
  elementCount,
  encodeFloat32,
  numbersIn,
  wholeNumbers,
} from './binary.js';
import type { FileArray } from './file-array.js';
import { limits } from './limits.js';

// Source of the format: NEP 1 and numpy.lib.format: the magic string, a version, the length of the
// header, a Python dictionary padded with spaces to a multiple of 64 bytes, then the numbers.
const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59); // "\x93NUMPY"
const header =
  /^\{\s*'descr':\s*'([^'\\]*)',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([\d, ]*)\),?\s*\}\s*$/;

interface Parsed {
  readonly dtype: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

function parse(entry: string, bytes: Uint8Array): Parsed {
  if (magic.some((byte, i) => bytes[i] !== byte) || bytes.length < 12) {
    throw new FormatError(entry, 'not a .npy array');
  }
  const { u16, u32 } = numbersIn(bytes);
  const version = bytes[6];
  if (version !== 1 && version !== 2 && version !== 3) {
    throw new FormatError(entry, `.npy version ${String(version)} is not known`);
  }
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? u16(8) : u32(8);
  if (length > 65_536 || start + length > bytes.length) {
    throw new FormatError(entry, 'its .npy header does not fit');
  }
  const text = String.fromCharCode(...bytes.subarray(start, start + length));
  const [, dtype = '', fortran, dims = ''] = header.exec(text) ?? [];
  if (fortran === undefined) throw new FormatError(entry, 'its .npy header is not understood');
  const shape = dims
    .split(',')
    .filter((dim) => dim.trim() !== '')
    .map(Number);
  return { dtype, fortran: fortran === 'True', shape, data: bytes.subarray(start + length) };
}

/** Numbers of column-major order in row-major order. */
function toRowMajor(
  data: Float32Array<ArrayBuffer>,
  shape: readonly number[],
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(data.length);
  const index = shape.map(() => 0);
  for (const value of data) {
    let at = 0;
    for (const [axis, dim] of shape.entries()) at = at * dim + (index[axis] as number);
    result[at] = value;
    for (let axis = 0; axis < shape.length; axis++) {
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      index[axis] = 0;
    }
  }
  return result;
}

/** How the number types of Keras's weights are read: the size of a number and its float32. */
const widened = new Map([
  ['<f2', { size: 2, decode: decodeFloat16 }],
  ['<f4', { size: 4, decode: decodeFloat32 }],
  ['<f8', { size: 8, decode: decodeFloat64 }],
]);

/**
 * A float32 array of numpy's.
 * @param widen - Whether float16 and float64 are read as well.
 * @throws {@link FormatError} for other types, Python objects among them, and for damage.
 */
export function readNpy(entry: string, bytes: Uint8Array, widen = false): FileArray {
  const { dtype, fortran, shape, data } = parse(entry, bytes);
  if (dtype.includes('O')) throw new FormatError(entry, 'holds Python objects, which are not read');
  const type = widened.get(dtype);
  if (type === undefined || !(widen || dtype === '<f4')) {
    throw new FormatError(entry, `is of type '${dtype.slice(0, 50)}', not float32 ('<f4')`);
  }
  const size = type.size * elementCount(entry, shape);
  if (data.length !== size) {
    throw new FormatError(
      entry,
      `shape ${showShape(shape)} wants ${size} bytes, got ${data.length}`,
    );
  }
  const numbers = type.decode(data);
  return { shape, data: fortran ? toRowMajor(numbers, shape) : numbers };
}

/**
 * A text that numpy holds as an array of no dimensions.
 * @throws {@link FormatError} for other types and for damage.
 */
export function readNpyText(entry: string, bytes: Uint8Array): string {
  const { dtype, shape, data } = parse(entry, bytes);
  const length = /^<U(\d+)$/.exec(dtype)?.[1];
  if (length === undefined || shape.length > 0) {
    throw new FormatError(entry, `is of type '${dtype.slice(0, 50)}', not a single text ('<U')`);
  }
  if (data.length !== 4 * Number(length)) throw new FormatError(entry, 'its text is truncated');
  if (data.length > 4 * limits.text) {
    throw new FormatError(entry, `is longer than ${limits.text} characters`);
  }
  const codes = new Uint32Array(data.slice().buffer);
  let end = codes.length;
  while (codes[end - 1] === 0) end--;
  // In pieces that fit onto the stack as arguments.
  const pieces: string[] = [];
  for (let at = 0; at < end; at += 4096) {
    const piece = codes.subarray(at, Math.min(at + 4096, end));
    if (piece.some((code) => code > 0x10ffff)) {
      throw new FormatError(entry, 'its text is not Unicode');
    }
    pieces.push(String.fromCodePoint(...piece));
  }
  return pieces.join('');
}

function write(dtype: string, shape: readonly number[], data: Uint8Array): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `(${String(shape[0])},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10;
  if (length > 65_535) throw new ValueError(`npy: shape of ${shape.length} dimensions`);
  const text = encodeText(`${dictionary.padEnd(length - 1)}\n`);
  return concatenate([magic, wholeNumbers([1, 2], [length, 2]), text, data]);
}

/** An array as numpy's `save` writes it. */
export function writeNpy({ shape, data }: FileArray): Uint8Array<ArrayBuffer> {
  return write('<f4', shape, encodeFloat32(data));
}

/** A text as numpy's `save` writes it: an array of no dimensions, in UTF-32. */
export function writeNpyText(text: string): Uint8Array<ArrayBuffer> {
  const codes = Uint32Array.from(text, (character) => character.codePointAt(0) ?? 0);
  return write(`<U${codes.length}`, [], new Uint8Array(codes.buffer));
}
