import { FormatError, UnsupportedError } from '../../runtime/errors.js';
import { asList, asObject, asText, type Json, type JsonObject } from '../json.js';

/** A layer as a Keras model lists it. */
export interface ListedLayer {
  readonly type: string;
  readonly name: string;
  readonly config: JsonObject;
}

function listed(value: Json, place: number): ListedLayer {
  const layer = asObject(`layer ${place}`, value);
  const type = asText(`layer ${place}: class_name`, layer['class_name']);
  const config = asObject(`layer ${place}: config`, layer['config']);
  const name = asText(`layer ${place}: name`, config['name'] ?? layer['name']);
  return { type, name, config };
}

/**
 * Names of the layers that a layer takes its inputs from, once for each call. Keras 3 has them in
 * `keras_history` of what `inbound_nodes` lists, the others in nested lists.
 */
function inbound(entry: string, nodes: Json): string[] {
  if (Array.isArray(nodes)) {
    const [first] = nodes as readonly Json[];
    if (typeof first === 'string') return [first];
    return (nodes as readonly Json[]).flatMap((node) => inbound(entry, node));
  }
  if (typeof nodes !== 'object' || nodes === null) return [];
  const node = nodes as JsonObject;
  if ('args' in node) return inbound(entry, node['args']);
  if (!('config' in node)) return [];
  const history = asObject(entry, node['config'])['keras_history'];
  return [asText(entry, asList(entry, history)[0])];
}

/**
 * The layers of a Sequential model, or of a functional one that is a chain.
 * @param topology - What `to_json()` says, or TensorFlow.js's `modelTopology`.
 * @throws {@link UnsupportedError} for any other model, naming the layer where it branches.
 */
export function chainOf(entry: string, topology: Json | undefined): ListedLayer[] {
  // TensorFlow.js's converter wraps what Keras says.
  const outer = asObject(entry, topology);
  const model = asObject(entry, outer['model_config'] ?? outer);
  const type = asText(`${entry}: class_name`, model['class_name']);
  const config = model['config'];
  // Old versions list the layers of a Sequential model alone.
  const list = Array.isArray(config) ? config : asObject(entry, config)['layers'];
  const values = asList(`${entry}: layers`, list);
  const layers = values.map(listed);
  const names = new Set<string>();
  for (const { name } of layers) {
    if (names.has(name)) throw new FormatError(name, 'is the name of two layers');
    names.add(name);
  }
  if (type === 'Sequential') return layers;
  if (type !== 'Functional' && type !== 'Model') {
    throw new UnsupportedError(
      `Keras model of class '${type.slice(0, 50)}': only Sequential, Functional and Model are read`,
    );
  }
  layers.forEach(({ name }, i) => {
    const inputs = inbound(name, asObject(name, values[i])['inbound_nodes'] ?? []);
    const wanted = i === 0 ? [] : [layers[i - 1]?.name];
    if (inputs.join('\n') === wanted.join('\n')) return;
    throw new UnsupportedError(
      `Keras layer '${name}': a model must be a chain of layers; expected this one after ` +
        `${wanted.map((each) => `'${String(each)}'`).join() || 'nothing'}, got ` +
        (inputs.map((each) => `'${each}'`).join(', ') || 'nothing'),
    );
  });
  return layers;
}
