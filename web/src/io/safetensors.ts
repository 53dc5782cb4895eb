import type { Model } from '../model.js';
import { FormatError } from '../runtime/errors.js';
import { decodeText, encodeText } from '../runtime/text.js';
import {
  concatenate,
  decodeFloat32,
  elementCount,
  encodeFloat32,
  type FileArray,
} from './file-array.js';
import { loadLayers } from './read-model.js';
import { asCount, asList, asObject, asText, type Json, parseJson } from './json.js';
import { modelArrays, safetensorsNames } from './model-file.js';
import type { ModelSnapshot } from './snapshot.js';

// Source of the format: the safetensors README, "Format": the length of the header in 8 bytes, the
// header in JSON, the arrays one after another without holes.
const lengthSize = 8;
/** As in the reference implementation. */
const maxHeader = 100_000_000;

/** IEEE 754 binary16, widened exactly. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** How each type is read: its size in bytes, and its numbers as float32. */
const dtypes = new Map<
  string,
  { size: number; decode: (bytes: Uint8Array) => Float32Array<ArrayBuffer> }
>([
  ['F32', { size: 4, decode: decodeFloat32 }],
  [
    'F16',
    {
      size: 2,
      decode: (bytes) => Float32Array.from(new Uint16Array(bytes.slice().buffer), float16),
    },
  ],
  [
    'BF16',
    {
      size: 2,
      // The upper half of a float32.
      decode: (bytes) => {
        const halves = new Uint16Array(bytes.slice().buffer);
        return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
      },
    },
  ],
]);

/** As `readSafetensors` of index.ts. */
export function readSafetensors(bytes: Uint8Array): Map<string, FileArray> {
  if (bytes.length < lengthSize) throw new FormatError('header', 'not a safetensors file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > maxHeader || lengthSize + length > bytes.length) {
    throw new FormatError('header', `its length ${length} does not fit the file`);
  }
  let text: string;
  try {
    text = decodeText(bytes.subarray(lengthSize, lengthSize + length));
  } catch (cause) {
    throw new FormatError('header', 'is not UTF-8', { cause });
  }
  const data = bytes.subarray(lengthSize + length);
  const entries = Object.entries(asObject('header', parseJson('header', text)))
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => parseEntry(name, entry));
  let end = 0;
  for (const entry of entries.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (entry.begin < end) throw new FormatError(entry.name, 'overlaps another entry');
    if (entry.begin > end) throw new FormatError(entry.name, 'has a hole before it');
    ({ end } = entry);
    if (end > data.length) throw new FormatError(entry.name, 'reaches beyond the file');
  }
  if (end !== data.length) throw new FormatError('header', 'the file is longer than its entries');
  return new Map(
    entries.map(({ name, shape, decode, begin, end }) => [
      name,
      { shape, data: decode(data.subarray(begin, end)) },
    ]),
  );
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly decode: (bytes: Uint8Array) => Float32Array<ArrayBuffer>;
  readonly begin: number;
  readonly end: number;
}

function parseEntry(name: string, value: Json): Entry {
  const entry = asObject(name, value);
  const dtype = asText(name, entry['dtype']);
  const known = dtypes.get(dtype);
  if (known === undefined) {
    throw new FormatError(name, `is of type ${dtype.slice(0, 20)}, not F32, F16 or BF16`);
  }
  const shape = asList(name, entry['shape']).map((dim) => asCount(name, dim));
  const [begin = 0, end = 0, ...more] = asList(name, entry['data_offsets']).map((offset) =>
    asCount(name, offset),
  );
  const size = known.size * elementCount(name, shape);
  if (end - begin !== size || more.length > 0) {
    throw new FormatError(name, `shape [${shape.join(', ')}] wants ${size} bytes`);
  }
  return { name, shape, decode: known.decode, begin, end };
}

/** As `writeSafetensors` of index.ts. */
export function writeSafetensors(arrays: ReadonlyMap<string, FileArray>): Uint8Array<ArrayBuffer> {
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const [name, { shape, data }] of arrays) {
    const begin = offset;
    offset += data.byteLength;
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, offset] };
  }
  const text = encodeText(JSON.stringify(header));
  // Spaces, so that the numbers are aligned for whoever maps the file into memory.
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  padded.set(text);
  const length = new DataView(new ArrayBuffer(lengthSize));
  length.setBigUint64(0, BigInt(padded.length), true);
  return concatenate([
    new Uint8Array(length.buffer),
    padded,
    ...Array.from(arrays.values(), ({ data }) => encodeFloat32(data)),
  ]);
}

/** The file that `saveSafetensors` of index.ts returns. */
export function writeModelSafetensors(model: ModelSnapshot): Uint8Array<ArrayBuffer> {
  return writeSafetensors(modelArrays(model, safetensorsNames));
}

/** Does the work of `loadSafetensors` of index.ts. */
export function loadModelSafetensors(model: Model, bytes: Uint8Array): void {
  loadLayers(model, readSafetensors(bytes), safetensorsNames);
}
