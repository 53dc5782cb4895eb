import {
  BinaryCrossEntropy,
  CategoricalCrossEntropy,
  SparseCategoricalCrossEntropy,
} from '../../losses.js';
import type { Model } from '../../model.js';
import { version } from '../../version.js';
import { Graph } from './graph.js';
import { addLayers, softmax } from './operators.js';

const input = 'input';
const output = 'output';

/** Adds the activation that `predict` applies for the loss, unless the last layer is it. */
function addLossActivation({ loss, layers }: Model, graph: Graph, value: string): string {
  const last = layers.at(-1)?.type;
  if (loss instanceof BinaryCrossEntropy) {
    return last === 'Sigmoid' ? value : graph.node('Sigmoid', [value]);
  }
  if (loss instanceof CategoricalCrossEntropy || loss instanceof SparseCategoricalCrossEntropy) {
    const temperature = loss.getConfig()['temperature'] as number;
    const place = { graph, input: value, prefix: 'loss.' };
    return last === 'Softmax' ? value : softmax(place, temperature);
  }
  // Predictions of a model with any other loss, one's own included, are its last layer's output.
  return value;
}

/**
 * A model as an ONNX file (opset 17) that computes what `predict` returns, the
 * loss's activation included, for batches of any size: for ONNX Runtime,
 * PyTorch, or whatever else runs or converts ONNX. Its `input` and `output` are
 * float32 tensors [batch, ...shape], its constants have the names that
 * {@link saveSafetensors} gives them. What only training needs is left out.
 *
 * @throws {@link UnsupportedError}, naming the layer, for one that is not built
 * in: ONNX has no operators for it.
 * @example
 * const session = await InferenceSession.create(exportOnnx(model));
 * const { output } = await session.run({ input: new Tensor('float32', x, [n, 1, 28, 28]) });
 */
export function exportOnnx(model: Model): Uint8Array<ArrayBuffer> {
  const graph = new Graph();
  const last = addLayers(model.layers, { graph, input }, (i) => `layer_${String(i)}.`);
  // Gives the result its name, also where no layer does anything.
  graph.node('Identity', [addLossActivation(model, graph, last)], {}, output);
  return graph.encode(
    'model',
    { name: 'lamella', version },
    { name: input, shape: model.inputShape },
    { name: output, shape: model.outputShape },
  );
}
