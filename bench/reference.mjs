// Naive results in float64, against which every peer is checked before it is timed.
import { product } from './data.mjs';
import { inputs } from './inputs.mjs';
import { forwardFlops } from './layers.mjs';
import { kinds } from './naive-layers.mjs';

/** Places of an output to check: all, or up to `most` spread evenly, first and last included. */
function places(count, most) {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: most }, (_, i) => Math.floor((i * (count - 1)) / (most - 1)));
}

function gemm({ m, k, n, a, b }) {
  const indices = places(m * n, 20_011);
  const values = indices.map((index) => {
    const row = Math.floor(index / n);
    const column = index % n;
    let sum = 0;
    for (let i = 0; i < k; i++) sum += a[row * k + i] * b[i * n + column];
    return sum;
  });
  return { indices, values };
}

/** The values going into every layer for sample `row`, and what comes out in the end. */
function forward({ layers, inputShape, x }, row) {
  const size = product(inputShape);
  const values = [Float64Array.from(x.subarray(row * size, (row + 1) * size))];
  for (const layer of layers) values.push(kinds[layer.type].forward(layer, values.at(-1)));
  return values;
}

/**
 * Outputs of samples spread over the batch: as many as a moment allows, and 5 at least. Samples
 * depend on nothing but themselves.
 */
function outputs(data) {
  const { batch, layers, outputShape } = data;
  const work = layers.reduce((sum, layer) => sum + forwardFlops(layer) + product(layer.output), 0);
  const rows = places(batch, Math.max(5, Math.floor(2e8 / work)));
  const size = product(outputShape);
  const columns = places(size, Math.ceil(20_011 / rows.length));
  const values = rows.flatMap((row) => {
    const all = forward(data, row).at(-1);
    return columns.map((column) => all[column]);
  });
  return { indices: rows.flatMap((row) => columns.map((column) => row * size + column)), values };
}

/** Softmax cross-entropy: the loss of a sample and its gradient. */
function crossEntropy(logits, label) {
  const most = Math.max(...logits);
  const sum = logits.reduce((total, z) => total + Math.exp(z - most), 0);
  const gradient = logits.map((z, i) => Math.exp(z - most) / sum - (i === label ? 1 : 0));
  return { loss: Math.log(sum) + most - logits[label], gradient };
}

/** Mean loss over the batch; adds the gradients when asked to. */
function lossAndGradients(data, wantsGradients) {
  const { layers, batch, labels } = data;
  let total = 0;
  for (let row = 0; row < batch; row++) {
    const values = forward(data, row);
    const { loss, gradient } = crossEntropy(values.at(-1), labels[row]);
    total += loss / batch;
    if (!wantsGradients) continue;
    let back = gradient.map((value) => value / batch);
    for (let i = layers.length - 1; i >= 0; i--) {
      back = kinds[layers[i].type].backward(layers[i], values[i], back);
    }
  }
  return total;
}

/** Adam's first step, where both corrected means are the gradient itself. */
function firstAdamStep(values, gradient, learningRate) {
  for (let i = 0; i < values.length; i++) {
    values[i] -= (learningRate * gradient[i]) / (Math.abs(gradient[i]) + 1e-8);
  }
}

/** The losses before and after the first step of Adam. */
function training(data) {
  for (const layer of data.layers) {
    if (!layer.weights) continue;
    layer.weights = Float64Array.from(layer.weights);
    layer.biases = Float64Array.from(layer.biases);
    layer.gradient = new Float64Array(layer.weights.length);
    layer.biasGradient = new Float64Array(layer.biases.length);
  }
  const before = lossAndGradients(data, true);
  for (const layer of data.layers) {
    if (!layer.weights) continue;
    firstAdamStep(layer.weights, layer.gradient, data.learningRate);
    firstAdamStep(layer.biases, layer.biasGradient, data.learningRate);
  }
  return { losses: [before, lossAndGradients(data, false)] };
}

const kindsOfWorkload = {
  gemm,
  training,
  operator: outputs,
  inference: outputs,
  prediction: outputs,
  predictionInto: outputs,
};

/** The result that a workload must give; undefined for those that compute nothing. */
export function reference(workload) {
  return kindsOfWorkload[workload.kind]?.(inputs(workload));
}

/** Largest error of a result, relative to the largest value wanted. */
function relativeError(values, wanted) {
  const scale = Math.max(...wanted.map(Math.abs));
  return values.reduce((worst, value, i) => {
    const error = Math.abs(value - wanted[i]) / scale;
    return error > worst || Number.isNaN(error) ? error : worst;
  }, 0);
}

/**
 * Says what is wrong with a result, or nothing. `check` is 'own-loss' for a peer that minimises
 * something else, 'own-update' for one that has no Adam: their losses must at least fall.
 */
export function complaint(wanted, { values, losses, check }) {
  if (wanted.values) {
    // Fast convolutions round off more than naive ones.
    const error = relativeError(values, wanted.values);
    return error < 2e-4 ? undefined : `wrong result (relative error ${error.toExponential(1)})`;
  }
  const [first, second] = wanted.losses;
  const got = `${losses.map((loss) => loss.toFixed(4)).join(', ')}; wanted ${first.toFixed(4)}, ${second.toFixed(4)}`;
  if (check !== 'own-loss' && !(Math.abs(losses[0] - first) < 2e-4 * first)) {
    return `wrong first loss (${got})`;
  }
  if (losses.length === 1) return undefined;
  if (!(losses.at(-1) < losses[0])) return `the loss does not fall (${got})`;
  // Adam's first step goes by the gradients' signs, so that small errors matter.
  const fall = (losses[0] - losses[1]) / (first - second);
  if (!check && !(fall > 0.9 && fall < 1.1)) return `wrong second loss (${got})`;
  return undefined;
}
