import { FormatError } from '../../runtime/errors.js';
import { decodeFloat16, decodeFloat32, elementCount, numbersIn } from '../binary.js';
import { asCount, asList, asObject, asText, type Json, type JsonObject } from '../json.js';
import type { Found } from './weights.js';

// Source of the format: TensorFlow.js, tfjs-core/src/io/types.ts, WeightsManifestEntry.

/** Bytes of a number of each type; those of texts are as many as each says. */
const sizes = new Map([
  ['float32', 4],
  ['int32', 4],
  ['complex64', 8],
  ['float16', 2],
  ['uint16', 2],
  ['uint8', 1],
  ['bool', 1],
]);

/** The end of an array that begins at a place in the weight data. */
function endOf(
  name: string,
  dtype: string,
  count: number,
  bytes: Uint8Array,
  begin: number,
): number {
  const { u32 } = numbersIn(bytes);
  let end = begin;
  if (dtype === 'string') {
    for (let i = 0; i < count && end + 4 <= bytes.length; i++) end += 4 + u32(end);
  } else {
    const size = sizes.get(dtype);
    if (size === undefined) throw new FormatError(name, `is of the unknown type '${dtype}'`);
    end += count * size;
  }
  if (end > bytes.length) throw new FormatError(name, 'reaches beyond the weight data');
  return end;
}

/** The numbers of an array as float32; undefined for a type that cannot be a weight's. */
function decode(
  dtype: string,
  bytes: Uint8Array,
  number: (key: string) => number,
): Float32Array<ArrayBuffer> | undefined {
  if (dtype === 'float32') return decodeFloat32(bytes);
  if (dtype === 'float16') return decodeFloat16(bytes);
  if (dtype !== 'uint8' && dtype !== 'uint16') return undefined;
  const [scale, min] = [number('scale'), number('min')];
  const steps = dtype === 'uint8' ? bytes : new Uint16Array(bytes.slice().buffer);
  return Float32Array.from(steps, (step) => step * scale + min);
}

/**
 * The arrays that TensorFlow.js's model.json lists, by name, without those of an optimizer. Those
 * that hold no float32 numbers say so when one asks for them.
 */
export function readWeights(groups: readonly Json[], bytes: Uint8Array): Map<string, Found> {
  const arrays = new Map<string, Found>();
  let at = 0;
  const read = (spec: JsonObject): void => {
    const name = asText('weights: name', spec['name']);
    const dtype = asText(`${name}: dtype`, spec['dtype']);
    const quantized = asObject(`${name}: quantization`, spec['quantization'] ?? {});
    const stored = asText(`${name}: dtype`, quantized['dtype'] ?? dtype);
    const shape = asList(`${name}: shape`, spec['shape']).map((dim) => asCount(name, dim));
    const end = endOf(name, stored, elementCount(name, shape), bytes, at);
    const own = bytes.subarray(at, end);
    at = end;
    if (arrays.has(name)) throw new FormatError(name, 'is there twice');
    if (spec['group'] === 'optimizer') return;
    const data =
      dtype === 'float32'
        ? decode(stored, own, (key) => {
            const value = quantized[key];
            if (typeof value === 'number') return value;
            throw new FormatError(name, `expected a number as the ${key} of its quantization`);
          })
        : undefined;
    arrays.set(
      name,
      data ? { shape, data } : { refused: `must be float32, is ${dtype} (${stored})` },
    );
  };
  for (const group of groups) {
    for (const spec of asList('weights', asObject('weightsManifest', group)['weights'])) {
      read(asObject('weights', spec));
    }
  }
  if (at !== bytes.length) {
    throw new FormatError('weights', `are ${bytes.length} bytes, the manifest wants ${at}`);
  }
  return arrays;
}
