import type { ModelSnapshot } from '../snapshot.js';
import { Graph } from './graph.js';
import { addLayers, softmax } from './operators.js';

const input = 'input';
const output = 'output';

/** Adds the activation that `predict` applies for the loss, unless the last layer is it. */
function addLossActivation({ loss, layers }: ModelSnapshot, graph: Graph, value: string): string {
  const last = layers.at(-1)?.config.type;
  // Predictions of a model with a loss of one's own are its last layer's output.
  const type = loss?.builtIn ? loss.config.type : undefined;
  if (type === 'BinaryCrossEntropy') {
    return last === 'Sigmoid' ? value : graph.node('Sigmoid', [value]);
  }
  if (type?.endsWith('CategoricalCrossEntropy') && last !== 'Softmax') {
    const temperature = loss?.config['temperature'] as number;
    return softmax({ graph, input: value, prefix: 'loss.' }, temperature);
  }
  return value;
}

/** The file that `exportOnnx` of index.ts returns. */
export function writeOnnx(model: ModelSnapshot): Uint8Array<ArrayBuffer> {
  const graph = new Graph();
  const last = addLayers(model.layers, { graph, input }, (i) => `layer_${i}.`);
  // Gives the result its name, also where no layer does anything.
  graph.node('Identity', [addLossActivation(model, graph, last)], {}, output);
  return graph.encode(
    'model',
    { name: 'lamella', version: LAMELLA_VERSION },
    { name: input, shape: model.inputShape },
    { name: output, shape: model.outputShape },
  );
}
