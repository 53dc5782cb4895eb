import { layers } from '../../layers/registry.js';
import { losses } from '../../losses.js';
import { UnsupportedError } from '../../runtime/errors.js';
import type { ModelSnapshot } from '../snapshot.js';
import { Graph } from './graph.js';
import { type AddLayer, OnnxLayer } from './layer.js';

const input = 'input';
const output = 'output';

/** A function that adds layers to a graph. */
function adderTo(graph: Graph): AddLayer {
  return function add(layer, value, prefix) {
    const { type } = layer.config;
    const convert = layer.builtIn ? layers.builtIn.get(type)?.onnx : undefined;
    if (convert === undefined) {
      throw new UnsupportedError(
        `exportOnnx: ${prefix.slice(0, -1)} (${type}) is not a built-in layer; ` +
          'only those have ONNX operators',
      );
    }
    if (typeof convert === 'string') return graph.node(convert, [value]);
    return convert(new OnnxLayer(layer, graph, value, prefix, add));
  };
}

/** Adds the activation that `predict` applies for the loss, unless the last layer is it. */
function addLossActivation(model: ModelSnapshot, add: AddLayer, value: string): string {
  const { loss, layers, outputShape: inputShape } = model;
  // Predictions of a model with a loss of one's own are its last layer's output.
  const type = loss?.builtIn ? losses.builtIn.get(loss.config.type)?.activation : undefined;
  if (type === undefined || layers.at(-1)?.config.type === type) return value;
  const none = { params: {}, state: {}, random: [], parts: {}, inputShape };
  return add(
    { ...none, config: { ...loss?.config, type }, builtIn: true, trainable: true },
    value,
    'loss.',
  );
}

/** The file that `exportOnnx` of index.ts returns. */
export function writeOnnx(model: ModelSnapshot): Uint8Array<ArrayBuffer> {
  const graph = new Graph();
  const add = adderTo(graph);
  const last = model.layers.reduce((value, layer, i) => add(layer, value, `layer_${i}.`), input);
  // Gives the result its name, also where no layer does anything.
  graph.node('Identity', [addLossActivation(model, add, last)], {}, output);
  return graph.encode(
    'model',
    { name: 'lamella', version: LAMELLA_VERSION },
    { name: input, shape: model.inputShape },
    { name: output, shape: model.outputShape },
  );
}
