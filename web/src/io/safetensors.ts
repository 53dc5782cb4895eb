import { checkBoolean, checkOptions, reject } from '../runtime/checks.js';
import { describe, FormatError, ValueError, showShape } from '../runtime/errors.js';
import { decodeText, encodeText } from '../runtime/text.js';
import {
  concatenate,
  decodeFloat16,
  decodeFloat32,
  elementCount,
  encodeFloat32,
  numbersIn,
  wholeNumbers,
} from './binary.js';
import type { FileArray } from './file-array.js';
import { asCount, asList, asObject, asText, type Json, parseJson } from './json.js';
import { otherKind } from './kinds.js';
import { limits } from './limits.js';
import { modelArrays } from './model-arrays.js';
import { safetensorsNames } from './model-file.js';
import type { ModelSnapshot } from './snapshot.js';

// Source of the format: the safetensors README, "Format": the length of the header in 8 bytes, the
// header in JSON, the arrays one after another without holes.
const lengthSize = 8;
/** The header's own entry, no array. */
const metadata = '__metadata__';

/** A type of numbers. */
interface Type {
  /** Bytes of a number. */
  readonly size: number;
  /** Whether float32 holds all of them. */
  readonly exact?: boolean;
  /** Its numbers as float32, rounded; absent for types that are not read. */
  readonly decode?: (bytes: Uint8Array) => Float32Array<ArrayBuffer>;
}

/** A type that the language has typed arrays of. */
function rounded(
  Numbers: { readonly BYTES_PER_ELEMENT: number } & (new (
    buffer: ArrayBuffer,
  ) => Iterable<number | bigint>),
): Type {
  return {
    size: Numbers.BYTES_PER_ELEMENT,
    decode: (bytes) => Float32Array.from(new Numbers(bytes.slice().buffer), Number),
  };
}

/** The upper halves of float32 numbers. */
function decodeBFloat16(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const halves = new Uint16Array(bytes.slice().buffer);
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

/** The types that the format has. */
const types = new Map<string, Type>([
  ['F32', { size: 4, exact: true, decode: decodeFloat32 }],
  ['F16', { size: 2, exact: true, decode: decodeFloat16 }],
  ['BF16', { size: 2, exact: true, decode: decodeBFloat16 }],
  ['F64', rounded(Float64Array)],
  ['I64', rounded(BigInt64Array)],
  ['U64', rounded(BigUint64Array)],
  ['I32', rounded(Int32Array)],
  ['U32', rounded(Uint32Array)],
  ['I16', rounded(Int16Array)],
  ['U16', rounded(Uint16Array)],
  ['I8', rounded(Int8Array)],
  ['U8', rounded(Uint8Array)],
  ['BOOL', rounded(Uint8Array)],
  ['F8_E4M3', { size: 1 }],
  ['F8_E5M2', { size: 1 }],
]);

/** Options of `readSafetensors`. */
export interface ReadOptions {
  readonly toFloat32?: boolean | undefined;
}

/** As `readSafetensors` of index.ts. */
export function readSafetensors(
  bytes: Uint8Array,
  options: ReadOptions = {},
): Map<string, FileArray> {
  const checks = { toFloat32: checkBoolean };
  const { toFloat32 = false } = checkOptions('readSafetensors', options, checks);
  if (bytes.length < lengthSize) throw new FormatError('header', 'not a safetensors file');
  const length = numbersIn(bytes).u64(0);
  if (lengthSize + length > bytes.length) {
    const kind = otherKind(bytes) ?? `its length ${length} does not fit the file`;
    throw new FormatError('header', kind);
  }
  let text: string;
  try {
    text = decodeText(bytes.subarray(lengthSize, lengthSize + length));
  } catch (cause) {
    throw new FormatError('header', 'is not UTF-8', { cause });
  }
  const data = bytes.subarray(lengthSize + length);
  const entries = Object.entries(asObject('header', parseJson('header', text)))
    .filter(([name]) => name !== metadata)
    .map(([name, entry]) => parseEntry(name, entry));
  let end = 0;
  for (const entry of entries.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (entry.begin < end) throw new FormatError(entry.name, 'overlaps another entry');
    if (entry.begin > end) throw new FormatError(entry.name, 'has a hole before it');
    ({ end } = entry);
    if (end > data.length) throw new FormatError(entry.name, 'reaches beyond the file');
  }
  if (end !== data.length) throw new FormatError('header', 'the file is longer than its entries');
  const arrays = new Map<string, FileArray>();
  for (const { name, shape, type, begin, end } of entries) {
    const { exact = toFloat32, decode } = type ?? {};
    if (exact && decode) arrays.set(name, { shape, data: decode(data.subarray(begin, end)) });
  }
  return arrays;
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  /** Undefined for one that is not known here. */
  readonly type: Type | undefined;
  readonly begin: number;
  readonly end: number;
}

function parseEntry(name: string, value: Json): Entry {
  const entry = asObject(name, value);
  const type = types.get(asText(name, entry['dtype']));
  const shape = asList(name, entry['shape']).map((dim) => asCount(name, dim));
  const count = elementCount(name, shape);
  const [begin = 0, end = 0, ...more] = asList(name, entry['data_offsets']).map((offset) =>
    asCount(name, offset),
  );
  const size = type ? type.size * count : end - begin;
  if (end - begin !== size || end < begin || more.length > 0) {
    throw new FormatError(name, `shape ${showShape(shape)} wants ${size} bytes`);
  }
  return { name, shape, type, begin, end };
}

/** Throws for an array that {@link readSafetensors} would not give back. */
function checkArray(name: string, array: FileArray): void {
  const what = `writeSafetensors: ${describe(name)}`;
  const { shape, data } = Object(array) as FileArray;
  if (typeof name !== 'string' || !Array.isArray(shape)) {
    reject(what, 'the name of { shape, data }', array);
  }
  if (name === '__proto__' || name === metadata || /\p{Surrogate}/u.test(name)) {
    throw new ValueError(`${what} is a name that the format has not`);
  }
  // Also one of another realm.
  if (Object.prototype.toString.call(data) !== '[object Float32Array]') {
    reject(`${what}: data`, 'a Float32Array', data);
  }
  if (shape.length > limits.rank) {
    throw new ValueError(`${what} has ${shape.length} dimensions, more than ${limits.rank}`);
  }
  const whole = shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
  const size = shape.reduce<number>((product, dim) => product * dim, 1);
  if (!whole || size !== data.length) {
    throw new ValueError(`${what} has ${data.length} numbers for shape ${showShape(shape)}`);
  }
}

/**
 * As `writeSafetensors` of index.ts.
 * @throws {@link ValueError} or {@link ArgumentTypeError} for arrays that would not come back.
 */
export function writeSafetensors(arrays: ReadonlyMap<string, FileArray>): Uint8Array<ArrayBuffer> {
  // Also one of another realm.
  if (Object.prototype.toString.call(arrays) !== '[object Map]') {
    reject('writeSafetensors: arrays', 'a Map of { shape, data }', arrays);
  }
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const [name, array] of arrays) {
    checkArray(name, array);
    const { shape, data } = array;
    const begin = offset;
    offset += data.byteLength;
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, offset] };
  }
  const json = JSON.stringify(header);
  // With the spaces.
  if (json.length + 8 > limits.text) {
    throw new ValueError(`safetensors: names of ${json.length} characters, at most ${limits.text}`);
  }
  const text = encodeText(json);
  // Spaces, so that the numbers are aligned for whoever maps the file into memory.
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  padded.set(text);
  return concatenate([
    wholeNumbers([padded.length, lengthSize]),
    padded,
    ...Array.from(arrays.values(), ({ data }) => encodeFloat32(data)),
  ]);
}

/** The file that `saveSafetensors` of index.ts returns. */
export function writeModelSafetensors(model: ModelSnapshot): Uint8Array<ArrayBuffer> {
  return writeSafetensors(modelArrays(model, safetensorsNames));
}
