import { FormatError } from '../../runtime/errors.js';
import { decodeFloat16, decodeFloat32, elementCount } from '../file-array.js';
import { asCount, asList, asObject, asText, type Json } from '../json.js';
import type { Found } from './weights.js';

// Source of the format: TensorFlow.js, tfjs-core/src/io/types.ts, WeightsManifestEntry.

/** Bytes of a number of each type but 'string'. */
const sizes: Record<string, number> = {
  float32: 4,
  int32: 4,
  uint32: 4,
  bool: 1,
  complex64: 8,
  float16: 2,
  uint16: 2,
  uint8: 1,
};

function sizeOf(name: string, dtype: string): number {
  const size = Object.hasOwn(sizes, dtype) ? sizes[dtype] : undefined;
  if (size !== undefined) return size;
  throw new FormatError(name, `is of type '${dtype.slice(0, 20)}', which is not known`);
}

/** The end of texts, each of which has its length before it. */
function endOfTexts(name: string, bytes: Uint8Array, begin: number, count: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = begin;
  for (let i = 0; i < count; i++) {
    if (end + 4 > bytes.length) throw new FormatError(name, 'reaches beyond the weight data');
    end += 4 + view.getUint32(end, true);
  }
  return end;
}

function asNumber(entry: string, value: Json | undefined): number {
  if (typeof value === 'number') return value;
  throw new FormatError(entry, 'expected a number');
}

/** Numbers from steps of a scale. */
function dequantize(
  name: string,
  steps: Iterable<number>,
  quantization: Json | undefined,
): Float32Array<ArrayBuffer> {
  const { scale, min } = asObject(`${name}: quantization`, quantization);
  const [step, start] = [asNumber(`${name}: scale`, scale), asNumber(`${name}: min`, min)];
  return Float32Array.from(steps, (value) => value * step + start);
}

/**
 * The arrays that TensorFlow.js's model.json lists, by name, without those of an optimizer. Those
 * that hold no float32 numbers say so when one asks for them.
 */
export function readWeights(groups: readonly Json[], bytes: Uint8Array): Map<string, Found> {
  const arrays = new Map<string, Found>();
  const names = new Set<string>();
  let at = 0;
  for (const group of groups) {
    for (const value of asList('weights', asObject('weightsManifest', group)['weights'])) {
      const spec = asObject('weights', value);
      const name = asText('weights: name', spec['name']);
      const dtype = asText(`${name}: dtype`, spec['dtype']);
      const quantization = spec['quantization'] ?? undefined;
      const stored =
        quantization === undefined
          ? dtype
          : asText(`${name}: quantization`, asObject(name, quantization)['dtype']);
      const shape = asList(`${name}: shape`, spec['shape']).map((dim) => asCount(name, dim));
      const count = elementCount(name, shape);
      const end =
        stored === 'string'
          ? endOfTexts(name, bytes, at, count)
          : at + count * sizeOf(name, stored);
      if (end > bytes.length) throw new FormatError(name, 'reaches beyond the weight data');
      const own = bytes.subarray(at, end);
      at = end;
      if (names.has(name)) throw new FormatError(name, 'is there twice');
      names.add(name);
      if (spec['group'] === 'optimizer') continue;
      if (dtype !== 'float32') {
        arrays.set(name, { refused: `must be float32, is ${dtype.slice(0, 20)}` });
      } else if (stored === 'float32') {
        arrays.set(name, { shape, data: decodeFloat32(own) });
      } else if (stored === 'float16') {
        arrays.set(name, { shape, data: decodeFloat16(own) });
      } else if (stored === 'uint8') {
        arrays.set(name, { shape, data: dequantize(name, own, quantization) });
      } else if (stored === 'uint16') {
        const steps = new Uint16Array(own.slice().buffer);
        arrays.set(name, { shape, data: dequantize(name, steps, quantization) });
      } else {
        const wanted = 'must be quantized to float16, uint8 or uint16, is';
        arrays.set(name, { refused: `${wanted} ${stored.slice(0, 20)}` });
      }
    }
  }
  if (at !== bytes.length) {
    throw new FormatError('weights', `are ${bytes.length} bytes, the manifest wants ${at}`);
  }
  return arrays;
}
