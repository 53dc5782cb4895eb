// Layers as their definitions have them, in float64, over one sample.
import { product } from './data.mjs';
import { scaleAndShift, windows } from './layers.mjs';

/** First and last output place, with stride `stride`, whose input at `offset` is in [0, length). */
const inside = (offset, stride, count, length) => [
  Math.max(0, Math.ceil(-offset / stride)),
  Math.min(count - 1, Math.floor((length - 1 - offset) / stride)),
];

/** Calls f(first output place, first input place, count, kernel place) for every row of a tap. */
function eachTap(layer, f) {
  const { input, output, weightShape, size, stride, groups } = layer;
  const [, h, w] = input;
  const [depth, oh, ow] = output;
  const perGroup = weightShape[1];
  const [top, left] = [windows(layer, h).before, windows(layer, w).before];
  for (let d = 0; d < depth; d++) {
    const firstChannel = Math.floor(d / (depth / groups)) * perGroup;
    for (let i = 0; i < perGroup; i++) {
      for (let tap = 0; tap < size * size; tap++) {
        const dy = Math.floor(tap / size) - top;
        const dx = (tap % size) - left;
        const [firstY, lastY] = inside(dy, stride, oh, h);
        const [firstX, lastX] = inside(dx, stride, ow, w);
        const kernel = (d * perGroup + i) * size * size + tap;
        for (let y = firstY; y <= lastY; y++) {
          const row = (firstChannel + i) * h + y * stride + dy;
          const to = (d * oh + y) * ow + firstX;
          f(to, row * w + firstX * stride + dx, lastX - firstX + 1, kernel);
        }
      }
    }
  }
}

/** The places that each window sees. */
function windowPlaces(layer) {
  const { input, output, size, stride } = layer;
  const [, h, w] = input;
  const [c, oh, ow] = output;
  const [top, left] = [windows(layer, h).before, windows(layer, w).before];
  const range = (first, length) =>
    Array.from({ length: size }, (_, i) => first + i).filter((i) => i >= 0 && i < length);
  return Array.from({ length: c * oh * ow }, (_, i) => {
    const channel = Math.floor(i / (ow * oh));
    const columns = range((i % ow) * stride - left, w);
    const rows = range((Math.floor(i / ow) % oh) * stride - top, h);
    return rows.flatMap((y) => columns.map((x) => (channel * h + y) * w + x));
  });
}

const winners = (layer, x) =>
  windowPlaces(layer).map((all) => all.reduce((a, b) => (x[b] > x[a] ? b : a)));

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

const logistic = (x) => 1 / (1 + Math.exp(-x));

/** One kind of layer: forward, and, where a network trains it, backward, which adds to layer.gradient. */
export const kinds = {
  flatten: { forward: (layer, x) => x, backward: (layer, x, g) => g },
  relu: {
    forward: (layer, x) => x.map((value) => Math.max(value, 0)),
    backward: (layer, x, g) => g.map((value, i) => (x[i] > 0 ? value : 0)),
  },
  sigmoid: {
    forward: (layer, x) => x.map(logistic),
    backward: (layer, x, g) => g.map((value, i) => value * logistic(x[i]) * (1 - logistic(x[i]))),
  },
  gelu: {
    forward: (layer, x) =>
      x.map((v) => (v / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))),
  },
  softmax: {
    forward(layer, x) {
      const most = x.reduce((a, b) => Math.max(a, b));
      const powers = x.map((value) => Math.exp(value - most));
      const sum = powers.reduce((a, b) => a + b);
      return powers.map((value) => value / sum);
    },
  },
  layerNorm: {
    forward({ gamma, beta }, x) {
      const middle = mean(x);
      const deviation = Math.sqrt(mean(x.map((value) => (value - middle) ** 2)) + 1e-5);
      return x.map((value, i) => ((value - middle) / deviation) * gamma[i] + beta[i]);
    },
  },
  batchNorm: {
    forward(layer, x) {
      const { scale, shift } = scaleAndShift(layer);
      const area = x.length / scale.length;
      return x.map((value, i) => value * scale[Math.floor(i / area)] + shift[Math.floor(i / area)]);
    },
  },
  globalPool: {
    forward({ output: [c] }, x) {
      const area = x.length / c;
      return Float64Array.from({ length: c }, (_, i) => mean(x.subarray(i * area, (i + 1) * area)));
    },
  },
  averagePool: {
    forward: (layer, x) =>
      Float64Array.from(windowPlaces(layer), (all) => mean(all.map((place) => x[place]))),
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
      const { weights, biases, output, stride } = layer;
      const area = output[1] * output[2];
      const out = new Float64Array(product(output));
      if (biases) out.forEach((_, i) => (out[i] = biases[Math.floor(i / area)]));
      eachTap(layer, (to, from, count, place) => {
        const weight = weights[place];
        for (let i = 0; i < count; i++) out[to + i] += weight * x[from + i * stride];
      });
      return out;
    },
    backward(layer, x, g) {
      const { weights, gradient, biasGradient, output, stride } = layer;
      const area = output[1] * output[2];
      g.forEach((value, i) => (biasGradient[Math.floor(i / area)] += value));
      const back = new Float64Array(x.length);
      eachTap(layer, (to, from, count, place) => {
        const weight = weights[place];
        let sum = 0;
        for (let i = 0; i < count; i++) {
          sum += g[to + i] * x[from + i * stride];
          back[from + i * stride] += weight * g[to + i];
        }
        gradient[place] += sum;
      });
      return back;
    },
  },
  pool: {
    forward: (layer, x) => Float64Array.from(winners(layer, x), (i) => x[i]),
    backward(layer, x, g) {
      const back = new Float64Array(x.length);
      winners(layer, x).forEach((place, i) => (back[place] += g[i]));
      return back;
    },
  },
};
