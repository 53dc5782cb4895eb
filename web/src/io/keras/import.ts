import type { Config, LayerConfig } from '../../layers/layer.js';
import { layers as layerClasses } from '../../layers/registry.js';
import { FormatError, UnsupportedError } from '../../runtime/errors.js';
import { concatenate, elementCount } from '../binary.js';
import type { FileArray } from '../file-array.js';
import { asCount, asList, asObject, type Json, type JsonObject, parseJson } from '../json.js';
import { otherArchive, otherKind } from '../kinds.js';
import { readNpy } from '../npy.js';
import { npzNames, type ModelFile } from '../model-file.js';
import { readZip } from '../zip.js';
import { type Flow, fromKeras, type KerasConverter, KerasLayer } from './layer.js';
import { readWeights } from './manifest.js';
import { chainOf, type ListedLayer } from './topology.js';
import { type Weights, weightsFor } from './weights.js';

/** A converter, and the type of the layer that it is the converter of. */
interface Entry {
  readonly type: string;
  readonly convert: KerasConverter;
}

/** The converters of all layer classes, by Keras's names of layers or of activations. */
function convertersOf(isActivation: boolean): ReadonlyMap<string, Entry> {
  const all = new Map<string, Entry>();
  for (const { type, keras } of layerClasses.builtIn.values()) {
    for (const [name, convert] of Object.entries(keras ?? {})) {
      if (/^[a-z]/.test(name) === isActivation) all.set(name, { type, convert });
    }
  }
  return all;
}

/** The layer that a Keras layer becomes by a converter. */
function converted({ type, convert }: Entry, layer: KerasLayer): LayerConfig {
  const config: Config = typeof convert === 'function' ? convert(layer) : convert;
  return { type, ...config };
}

/** The layer for a setting `activation`, none for a linear one. */
function activationOf(layer: KerasLayer, activations: ReadonlyMap<string, Entry>): LayerConfig[] {
  const name = layer.text('activation', 'linear');
  if (name === 'linear') return [];
  const entry = activations.get(name);
  if (entry) return [converted(entry, layer)];
  throw layer.unsupported(
    `activation must be linear, ${Array.from(activations.keys()).join(', ')}; got ` +
      `'${name.slice(0, 50)}'${name === 'gelu' ? ", the exact one; lamella's has tanh" : ''}`,
  );
}

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
  const { name, config, inputShape } = first;
  // Keras 3 says batch_shape, the others batch_input_shape.
  const shape = config['batch_shape'] ?? config['batch_input_shape'] ?? inputShape;
  const [, ...dims] = asList(`${name}: batch_shape`, shape);
  // No file holds the weights of an image of no pixels; loops over its parts would have no end.
  return dims.map((dim) => {
    const size = asCount(`${name}: batch_shape`, dim);
    if (size >= 1) return size;
    throw new FormatError(`${name}: batch_shape`, 'must be made of sizes of at least 1, got 0');
  });
}

/** The plan of some layers. */
function build(layers: readonly ListedLayer[], weights: Weights): ModelFile {
  const format = formatOf(layers);
  const inputShape = fromKeras(inputShapeOf(layers), format);
  elementCount('batch_shape', inputShape);
  const flow: Flow = { shape: inputShape, format };
  const [converters, activations] = [convertersOf(false), convertersOf(true)];
  const configs: LayerConfig[] = [];
  const frozen: number[] = [];
  const arrays = new Map<string, FileArray>();
  for (const listed of layers) {
    const { type, name, trainable } = listed;
    const layer = new KerasLayer(listed, weights, flow);
    const entry = converters.get(type);
    if (!entry && type !== 'InputLayer' && type !== 'Activation') {
      const known = Array.from(converters.keys()).join(', ');
      throw layer.unsupported(`is a class that is not read; these are: ${known}`);
    }
    const parts = entry ? [converted(entry, layer)] : [];
    for (const [own, array] of Object.entries(layer.arrays)) {
      arrays.set(npzNames.param(configs.length, own), array);
    }
    for (const part of [...parts, ...activationOf(layer, activations)]) {
      if (!trainable) frozen.push(configs.length);
      configs.push(part);
    }
    if (!flow.shape.every((size) => size >= 1)) {
      throw new FormatError(name, `leaves samples of shape [${flow.shape.join(', ')}]`);
    }
  }
  if (flow.flattened !== undefined) {
    const last = layers.at(-1)?.name ?? '';
    throw new UnsupportedError(
      `Keras layer '${last}': a model that ends in flattened images has them in another order ` +
        'than lamella; end it before Flatten, or after a Dense layer',
    );
  }
  weights.finish();
  return { layers: configs, steps: 0, inputShape, frozen, arrays };
}

/** The JSON of a model, unless it is of another kind than `wanted`. */
function parseModel(
  entry: string,
  json: string,
  wanted: 'layers model' | 'Keras model',
): JsonObject {
  const start = json.trimStart()[0];
  const page = start === '<' && otherKind(Uint8Array.of(start.charCodeAt(0)));
  if (page) throw new FormatError(entry, page);
  const file = asObject(entry, parseJson(entry, json));
  const { format, modelTopology, class_name: name } = file;
  if (format === 'graph-model' || 'node' in Object(modelTopology)) {
    throw new UnsupportedError(
      `${entry}: is a TensorFlow.js graph model, which is not read; convert the Keras model with ` +
        'tensorflowjs_converter --output_format=tfjs_layers_model',
    );
  }
  const is = modelTopology === undefined && name !== undefined ? 'Keras model' : 'layers model';
  if (is !== wanted && (modelTopology ?? name) !== undefined) {
    const reader = is === 'Keras model' ? 'loadKeras' : 'loadLayersModel';
    throw new FormatError(entry, `is a ${is}'s; ${reader} reads it`);
  }
  return file;
}

/** The contents of a layers model, for `loadLayersModel` of index.ts. */
export function readLayersModel(modelJson: string, shards: readonly Uint8Array[]): ModelFile {
  const file = parseModel('model.json', modelJson, 'layers model');
  const groups = asList('weightsManifest', file['weightsManifest']);
  const arrays = readWeights(groups, concatenate(shards));
  const layers = chainOf('modelTopology', file['modelTopology']);
  return build(layers, weightsFor(layers, arrays));
}

/** The contents of a Keras model's two files, for `loadKeras` of index.ts. */
export async function readKeras(
  json: string,
  weights: Uint8Array<ArrayBuffer>,
): Promise<ModelFile> {
  const files = await readZip(weights);
  const other = otherArchive(files.keys());
  if (other !== undefined) throw new FormatError('weights', other);
  const arrays = new Map<string, FileArray>();
  for (const [file, contents] of files) {
    const name = file.replace(/\.npy$/, '');
    arrays.set(name, readNpy(name, contents, true));
  }
  const layers = chainOf('model', parseModel('model', json, 'Keras model'));
  return build(layers, weightsFor(layers, arrays, '.npy'));
}
