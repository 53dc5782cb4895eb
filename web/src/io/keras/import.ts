import type { LayerConfig } from '../../layers/layer.js';
import { FormatError, UnsupportedError } from '../../runtime/errors.js';
import { concatenate, decodeFloat32, elementCount, type FileArray } from '../file-array.js';
import { asCount, asList, asObject, asText, type Json, parseJson } from '../json.js';
import { readNpy } from '../npy.js';
import { npzNames, type ModelFile } from '../model-file.js';
import { readZip } from '../zip.js';
import { KerasLayer, type KerasWeights } from './layer.js';
import { converters, type Flow, fromKeras } from './layers.js';
import { chainOf, type ListedLayer } from './topology.js';

/** How the model has images: as the layers that say so do. */
function formatOf(layers: readonly ListedLayer[]): Flow['format'] {
  const formats = new Set<Json>();
  for (const { type, config } of layers) {
    const format = config['data_format'] ?? undefined;
    if (format !== undefined && type !== 'Flatten') formats.add(format);
  }
  const [format = 'channels_last', ...others] = formats;
  if (others.length === 0 && (format === 'channels_last' || format === 'channels_first')) {
    return format;
  }
  throw new UnsupportedError(
    `Keras model: data_format must be channels_last or channels_first in all layers, got ` +
      JSON.stringify([...formats]).slice(0, 100),
  );
}

/** Shape of a sample, as Keras has it, which the first layer says. */
function inputShapeOf([first]: readonly ListedLayer[]): number[] {
  if (first === undefined) throw new FormatError('layers', 'there is none');
  const { name, config } = first;
  // Keras 3 says batch_shape, the others batch_input_shape.
  const shape = config['batch_shape'] ?? config['batch_input_shape'];
  const [, ...dims] = asList(`${name}: batch_shape`, shape);
  return dims.map((dim) => asCount(`${name}: batch_shape`, dim));
}

/** The plan of some layers. */
function build(
  layers: readonly ListedLayer[],
  weights: KerasWeights & { left(): Iterable<string> },
): ModelFile {
  const format = formatOf(layers);
  const inputShape = fromKeras(inputShapeOf(layers), format);
  elementCount('batch_shape', inputShape);
  const flow: Flow = { shape: inputShape, format };
  const configs: LayerConfig[] = [];
  const arrays = new Map<string, FileArray>();
  for (const { type, name, config } of layers) {
    const layer = new KerasLayer(type, name, config, weights);
    const convert = Object.hasOwn(converters, type) ? converters[type] : undefined;
    if (convert === undefined) {
      const known = Object.keys(converters).join(', ');
      throw layer.unsupported(`is a class that is not read; these are: ${known}`);
    }
    for (const part of convert(layer, flow)) {
      for (const [own, array] of Object.entries(part.arrays ?? {})) {
        arrays.set(npzNames.param(configs.length, own), array);
      }
      configs.push(part.config);
    }
  }
  if (flow.flattened !== undefined) {
    const last = layers.at(-1)?.name ?? '';
    throw new UnsupportedError(
      `Keras layer '${last}': a model that ends in flattened images has them in another order ` +
        'than lamella; end it before Flatten, or after a Dense layer',
    );
  }
  for (const name of weights.left()) {
    throw new FormatError(name, 'is nothing that this model has');
  }
  return { layers: configs, steps: 0, inputShape, arrays };
}

/** The arrays that TensorFlow.js's model.json lists, by name. */
function readWeights(groups: readonly Json[], bytes: Uint8Array): Map<string, FileArray> {
  const arrays = new Map<string, FileArray>();
  let at = 0;
  for (const group of groups) {
    for (const value of asList('weights', asObject('weightsManifest', group)['weights'])) {
      const spec = asObject('weights', value);
      const name = asText('weights: name', spec['name']);
      const dtype = asText(`${name}: dtype`, spec['dtype']);
      if (dtype !== 'float32' || spec['quantization'] !== undefined) {
        throw new FormatError(name, `must be float32 and not quantized, is ${dtype.slice(0, 20)}`);
      }
      const shape = asList(`${name}: shape`, spec['shape']).map((dim) => asCount(name, dim));
      const end = at + 4 * elementCount(name, shape);
      if (end > bytes.length) throw new FormatError(name, 'reaches beyond the weight data');
      if (arrays.has(name)) throw new FormatError(name, 'is there twice');
      arrays.set(name, { shape, data: decodeFloat32(bytes.subarray(at, end)) });
      at = end;
    }
  }
  if (at !== bytes.length) {
    throw new FormatError('weights', `are ${bytes.length} bytes, the manifest wants ${at}`);
  }
  return arrays;
}

/** The contents of a layers model, for `loadLayersModel` of index.ts. */
export function readLayersModel(modelJson: string, shards: readonly Uint8Array[]): ModelFile {
  const file = asObject('model.json', parseJson('model.json', modelJson));
  const groups = asList('weightsManifest', file['weightsManifest']);
  const arrays = readWeights(groups, concatenate(shards));
  const layers = chainOf('modelTopology', file['modelTopology']);
  return build(layers, {
    left: () => arrays.keys(),
    take: (layer, names) => {
      const entry = names.map((name) => `${layer}/${name}`).find((name) => arrays.has(name));
      const array = arrays.get(entry ?? '');
      if (entry === undefined || array === undefined) {
        throw new FormatError(`${layer}/${names[0] ?? ''}`, 'is missing');
      }
      arrays.delete(entry);
      return { entry, array };
    },
  });
}

/** The contents of a Keras model's two files, for `loadKeras` of index.ts. */
export async function readKeras(
  json: string,
  weights: Uint8Array<ArrayBuffer>,
): Promise<ModelFile> {
  const arrays = new Map<string, FileArray>();
  for (const [file, contents] of await readZip(weights)) {
    arrays.set(file, readNpy(file.replace(/\.npy$/, ''), contents));
  }
  const layers = chainOf('model', parseJson('model', json));
  let taken = 0;
  return build(layers, {
    left: () => arrays.keys(),
    take: (layer, [name = '']) => {
      const entry = `arr_${taken++}`;
      const array = arrays.get(`${entry}.npy`);
      if (array === undefined)
        throw new FormatError(entry, `is missing: the ${name} of '${layer}'`);
      arrays.delete(`${entry}.npy`);
      return { entry, array };
    },
  });
}
