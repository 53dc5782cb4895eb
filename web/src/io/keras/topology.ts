import { shorten, FormatError, UnsupportedError } from '../../runtime/errors.js';
import { asList, asObject, asText, type Json, type JsonObject } from '../json.js';

/** A layer as a Keras model lists it. */
export interface ListedLayer {
  readonly type: string;
  readonly name: string;
  readonly config: JsonObject;
  /** Whether training changes it: its own word, and that of the models it is in. */
  readonly trainable: boolean;
  /** Shape of a batch going in, where the layer's own configuration does not say. */
  readonly inputShape: Json | undefined;
}

const models = ['Sequential', 'Functional', 'Model'];

/** A configuration, of which old versions list the layers of a Sequential model alone. */
function configOf(entry: string, type: string, given: Json | undefined): JsonObject {
  const isList = Array.isArray(given) && models.includes(type);
  return isList ? { layers: given as Json } : asObject(entry, given);
}

function listed(value: Json, place: number): ListedLayer {
  const layer = asObject(`layer ${place}`, value);
  const type = asText(`layer ${place}: class_name`, layer['class_name']);
  const config = configOf(`layer ${place}: config`, type, layer['config']);
  const name = asText(`layer ${place}: name`, config['name'] ?? layer['name']);
  const built = layer['build_config'];
  const inputShape =
    built === undefined || built === null ? undefined : asObject(name, built)['input_shape'];
  return { type, name, config, trainable: config['trainable'] !== false, inputShape };
}

/**
 * Names of the layers that a layer takes its inputs from, once for each call. Keras 3 has them in
 * `keras_history` of what `inbound_nodes` lists, the others in nested lists.
 */
function inbound(entry: string, nodes: Json): string[] {
  if (Array.isArray(nodes)) {
    const [first, , , options] = nodes as readonly Json[];
    if (typeof first === 'string') {
      checkOptions(entry, options);
      return [first];
    }
    return (nodes as readonly Json[]).flatMap((node) => inbound(entry, node));
  }
  if (typeof nodes !== 'object' || nodes === null) return [];
  const node = nodes as JsonObject;
  if ('args' in node) {
    checkOptions(entry, node['kwargs']);
    return inbound(entry, node['args']);
  }
  if (!('config' in node)) return [];
  const history = asObject(entry, node['config'])['keras_history'];
  return [asText(entry, asList(entry, history)[0])];
}

/** Throws for a call that makes a layer do something else than it does here. */
function checkOptions(entry: string, options: Json | undefined): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return;
  if ((options as JsonObject)['training'] === true) {
    throw new UnsupportedError(`Keras layer '${shorten(entry, 60)}': is called with training=True`);
  }
}

/** Names of the layers that `input_layers` or `output_layers` lists. */
function ends(value: Json | undefined): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const all = Object.values<Json>(value);
  const [first] = all;
  return typeof first === 'string' ? [first] : all.flatMap(ends);
}

/** Checks that a functional model is a chain, from its only input to its only output. */
function checkChain(
  config: JsonObject,
  layers: readonly ListedLayer[],
  values: readonly Json[],
): void {
  const quoted = (names: readonly (string | undefined)[]): string =>
    names
      .map((each) => `'${shorten(String(each), 30)}'`)
      .slice(0, 3)
      .join(', ') || 'nothing';
  layers.forEach(({ name }, i) => {
    const inputs = inbound(name, asObject(name, values[i])['inbound_nodes'] ?? []);
    const wanted = i === 0 ? [] : [layers[i - 1]?.name];
    if (inputs.join('\n') === wanted.join('\n')) return;
    throw new UnsupportedError(
      `Keras layer '${shorten(name, 60)}': a model must be a chain of layers; expected this one ` +
        `after ${quoted(wanted)}, got ${quoted(inputs)}`,
    );
  });
  for (const [key, end] of [
    ['input_layers', layers[0]],
    ['output_layers', layers.at(-1)],
  ] as const) {
    const names = ends(config[key]);
    if (names.length === 0 || names.join('\n') === end?.name) continue;
    throw new UnsupportedError(
      `Keras model: a model must be a chain of layers with one input and one output; ${key} ` +
        `should be ${quoted([end?.name])}, got ${quoted(names)}`,
    );
  }
}

/** @throws {@link FormatError} where two layers have one name. */
function checkNames(layers: readonly ListedLayer[]): void {
  const names = new Set<string>();
  for (const { name } of layers) {
    if (names.has(name)) throw new FormatError(name, 'is the name of two layers');
    names.add(name);
  }
}

/** The layers of a model, those of models inside it in their places. */
function layersOf(entry: string, model: JsonObject, trainable: boolean): ListedLayer[] {
  const type = asText(`${entry}: class_name`, model['class_name']);
  if (!models.includes(type)) {
    throw new UnsupportedError(
      `Keras model of class '${type.slice(0, 50)}': only Sequential, Functional and Model are read`,
    );
  }
  const config = configOf(entry, type, model['config']);
  const values = asList(`${entry}: layers`, config['layers']);
  const layers = values.map(listed);
  checkNames(layers);
  if (type !== 'Sequential') checkChain(config, layers, values);
  const learns = trainable && config['trainable'] !== false;
  const all = layers.flatMap((layer, i) =>
    models.includes(layer.type)
      ? layersOf(layer.name, asObject(layer.name, values[i]), learns)
      : [{ ...layer, trainable: learns && layer.trainable }],
  );
  const [first, ...others] = all;
  if (first === undefined) return [];
  const inputShape = first.inputShape ?? config['build_input_shape'];
  return [{ ...first, inputShape }, ...others];
}

/**
 * The layers of a Sequential model, or of a functional one that is a chain, models inside it
 * included.
 * @param topology - What `to_json()` says, or TensorFlow.js's `modelTopology`.
 * @throws {@link UnsupportedError} for any other model, naming the layer where it branches.
 */
export function chainOf(entry: string, topology: Json | undefined): ListedLayer[] {
  // TensorFlow.js's converter wraps what Keras says.
  const outer = asObject(entry, topology);
  const all = layersOf(entry, asObject(entry, outer['model_config'] ?? outer), true);
  checkNames(all);
  return all;
}
