// Naive results in float64, against which every peer is checked before it is timed.
import { product } from './data.mjs';
import { inputs } from './inputs.mjs';

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

function conv({ inputShape: [n, c, h, w], kernelShape: [depth], input, kernels }) {
  const indices = places(n * depth * h * w, 20_011);
  const values = indices.map((index) => {
    const x = index % w;
    const y = Math.floor(index / w) % h;
    const d = Math.floor(index / (w * h)) % depth;
    const image = Math.floor(index / (w * h * depth));
    let sum = 0;
    for (let channel = 0; channel < c; channel++) {
      for (let ky = 0; ky < 3; ky++) {
        for (let kx = 0; kx < 3; kx++) {
          const iy = y + ky - 1;
          const ix = x + kx - 1;
          if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue;
          const kernel = kernels[((d * c + channel) * 3 + ky) * 3 + kx];
          sum += kernel * input[((image * c + channel) * h + iy) * w + ix];
        }
      }
    }
    return sum;
  });
  return { indices, values };
}

/** Calls f(first output place, first input place, count, kernel place) for every row of a tap. */
function eachTap({ input: [c, h, w], weightShape: [depth] }, f) {
  for (let d = 0; d < depth; d++) {
    for (let channel = 0; channel < c; channel++) {
      for (let tap = 0; tap < 9; tap++) {
        const dy = Math.floor(tap / 3) - 1;
        const dx = (tap % 3) - 1;
        const x = Math.max(0, -dx);
        const count = w - Math.abs(dx);
        for (let y = Math.max(0, -dy); y < Math.min(h, h - dy); y++) {
          f(
            (d * h + y) * w + x,
            (channel * h + y + dy) * w + x + dx,
            count,
            (d * c + channel) * 9 + tap,
          );
        }
      }
    }
  }
}

/** One kind of layer, over one sample: forward, and backward, which adds to layer.gradient. */
const kinds = {
  flatten: { forward: (layer, x) => x, backward: (layer, x, g) => g },
  relu: {
    forward: (layer, x) => x.map((value) => Math.max(value, 0)),
    backward: (layer, x, g) => g.map((value, i) => (x[i] > 0 ? value : 0)),
  },
  dense: {
    forward({ weightShape: [rows, columns], weights, biases }, x) {
      const out = Float64Array.from(biases);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) out[j] += x[i] * weights[i * columns + j];
      }
      return out;
    },
    backward({ weightShape: [rows, columns], weights, gradient, biasGradient }, x, g) {
      const back = new Float64Array(rows);
      for (let j = 0; j < columns; j++) biasGradient[j] += g[j];
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          back[i] += g[j] * weights[i * columns + j];
          gradient[i * columns + j] += g[j] * x[i];
        }
      }
      return back;
    },
  },
  conv: {
    forward(layer, x) {
      const { weights, biases, output } = layer;
      const area = output[1] * output[2];
      const out = new Float64Array(product(output)).map((_, i) => biases[Math.floor(i / area)]);
      eachTap(layer, (to, from, count, place) => {
        const weight = weights[place];
        for (let i = 0; i < count; i++) out[to + i] += weight * x[from + i];
      });
      return out;
    },
    backward(layer, x, g) {
      const { weights, gradient, biasGradient, output } = layer;
      const area = output[1] * output[2];
      g.forEach((value, i) => (biasGradient[Math.floor(i / area)] += value));
      const back = new Float64Array(x.length);
      eachTap(layer, (to, from, count, place) => {
        const weight = weights[place];
        let sum = 0;
        for (let i = 0; i < count; i++) {
          sum += g[to + i] * x[from + i];
          back[from + i] += weight * g[to + i];
        }
        gradient[place] += sum;
      });
      return back;
    },
  },
  pool: {
    forward: ({ input, output }, x) => Float64Array.from(winners(input, output, x), (i) => x[i]),
    backward({ input, output }, x, g) {
      const back = new Float64Array(x.length);
      winners(input, output, x).forEach((place, i) => (back[place] += g[i]));
      return back;
    },
  },
};

/** For each 2x2 window the place of its maximum. */
function winners([, h, w], [c, oh, ow], x) {
  return Array.from({ length: c * oh * ow }, (_, i) => {
    const column = i % ow;
    const row = Math.floor(i / ow) % oh;
    const first = (Math.floor(i / (ow * oh)) * h + 2 * row) * w + 2 * column;
    return [first + 1, first + w, first + w + 1].reduce((a, b) => (x[b] > x[a] ? b : a), first);
  });
}

/** The values going into every layer for sample `row`, and what comes out in the end. */
function forward({ layers, inputShape, x }, row) {
  const size = product(inputShape);
  const values = [Float64Array.from(x.subarray(row * size, (row + 1) * size))];
  for (const layer of layers) values.push(kinds[layer.type].forward(layer, values.at(-1)));
  return values;
}

function inference(data) {
  // Samples depend on nothing but themselves: the first, the last and one between do.
  const rows = [...new Set([0, Math.floor(data.batch / 2), data.batch - 1])];
  const indices = rows.flatMap((row) => Array.from({ length: 10 }, (_, i) => row * 10 + i));
  return { indices, values: rows.flatMap((row) => [...forward(data, row).at(-1)]) };
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

const kindsOfWorkload = { gemm, conv, inference, training };

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
