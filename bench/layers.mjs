// Layers of the benchmark's networks: shapes, weights, and the work they take.
import { product, uniform } from './data.mjs';

/**
 * Convolutions are 3x3 with padding 'same', stride 1 and biases unless `more` says otherwise;
 * `groups` may be 'depthwise'. 'same' is TensorFlow's: at stride 2 an odd zero is below and right.
 */
export const conv = (depth, more) => ({
  type: 'conv',
  ...{ depth, size: 3, stride: 1, groups: 1, padding: 'same', bias: true },
  ...more,
});
export const dense = (size) => ({ type: 'dense', size });
export const pool = (size = 2, more) => ({
  type: 'pool',
  ...{ size, stride: size, padding: 'valid' },
  ...more,
});
export const averagePool = (size, more) => ({ ...pool(size, more), type: 'averagePool' });
export const globalPool = { type: 'globalPool' };
export const flatten = { type: 'flatten' };
export const relu = { type: 'relu' };
export const sigmoid = { type: 'sigmoid' };
/** Its tanh form. */
export const gelu = { type: 'gelu' };
export const softmax = { type: 'softmax' };
/** Over all numbers of a sample; epsilon is 1e-5. */
export const layerNorm = { type: 'layerNorm' };
/** Keras's epsilon. */
export const batchNorm = { type: 'batchNorm', epsilon: 1e-3 };

/** Zeros before and after, and the number of windows, along an axis of `length` pixels. */
export function windows({ size, stride, padding }, length) {
  if (padding === 'valid') {
    return { before: 0, after: 0, count: Math.floor((length - size) / stride) + 1 };
  }
  const count = Math.ceil(length / stride);
  const zeros = Math.max(0, (count - 1) * stride + size - length);
  return { before: Math.floor(zeros / 2), after: Math.ceil(zeros / 2), count };
}

const reshaped = {
  conv: (layer, [, h, w]) => [layer.depth, windows(layer, h).count, windows(layer, w).count],
  pool: (layer, [c, h, w]) => [c, windows(layer, h).count, windows(layer, w).count],
  averagePool: (layer, shape) => reshaped.pool(layer, shape),
  dense: ({ size }) => [size],
  globalPool: (layer, [c]) => [c],
  flatten: (layer, shape) => [product(shape)],
};

/** Adds the shapes going in and out (without the batch) and the weights' shapes. */
export function withShapes(list, inputShape) {
  let shape = inputShape;
  return list.map((given) => {
    const input = shape;
    const layer =
      given.groups === 'depthwise' ? { ...given, groups: input[0], depth: input[0] } : given;
    shape = reshaped[layer.type]?.(layer, input) ?? input;
    let weightShape;
    if (layer.type === 'conv') {
      weightShape = [layer.depth, input[0] / layer.groups, layer.size, layer.size];
    } else if (layer.type === 'dense') {
      weightShape = [product(input), layer.size];
    }
    return { ...layer, input, output: shape, weightShape };
  });
}

/** Whether a convolution sees each channel alone. */
export const isDepthwise = ({ type, groups, depth }) =>
  type === 'conv' && groups > 1 && groups === depth;

/** Kernels [out, in, h, w] or a matrix [in, out], uniform as He et al. have it; zeros as biases. */
function weightsOf({ type, weightShape, output, bias = true }, seed) {
  const fanIn = type === 'conv' ? product(weightShape.slice(1)) : weightShape[0];
  const limit = Math.sqrt(6 / fanIn);
  return {
    ...{ seed, limit },
    weights: uniform(product(weightShape), seed, -limit, limit),
    biases: bias ? new Float32Array(output[0]) : undefined,
  };
}

/** Numbers near those that leave the data as it is; native_bench.py has the same. */
function normOf({ type, input }, seed) {
  const count = type === 'batchNorm' ? input[0] : product(input);
  const scale = {
    gamma: uniform(count, seed, 0.8, 1.2),
    beta: uniform(count, seed + 1, -0.1, 0.1),
  };
  if (type === 'layerNorm') return { seed, ...scale };
  const mean = uniform(count, seed + 2, -0.1, 0.1);
  return { seed, ...scale, mean, variance: uniform(count, seed + 3, 0.8, 1.2) };
}

/** Layers with their parameters, seed after seed. */
export function withParameters(list) {
  let seed = 100;
  return list.map((layer) => {
    if (layer.weightShape) return { ...layer, ...weightsOf(layer, seed++) };
    if (layer.type !== 'batchNorm' && layer.type !== 'layerNorm') return layer;
    seed += 4;
    return { ...layer, ...normOf(layer, seed - 4) };
  });
}

/** A batch normalization in inference: x * scale + shift, for each channel. */
export function scaleAndShift({ gamma, beta, mean, variance, epsilon }) {
  const scale = gamma.map((value, i) => value / Math.sqrt(variance[i] + epsilon));
  return { scale, shift: beta.map((value, i) => value - mean[i] * scale[i]) };
}

/**
 * Batch normalizations as part of the convolutions before them: what the converters of
 * TensorFlow.js and TensorFlow Lite make of a model.
 */
export function foldNorms(layers) {
  return layers.flatMap((layer, i) => {
    if (layer.type === 'batchNorm' && layers[i - 1]?.type === 'conv') return [];
    const next = layers[i + 1];
    if (layer.type !== 'conv' || next?.type !== 'batchNorm') return [layer];
    const { scale, shift } = scaleAndShift(next);
    const size = layer.weights.length / layer.depth;
    const weights = layer.weights.map((value, place) => value * scale[Math.floor(place / size)]);
    const biases = shift.map((value, d) => value + (layer.biases?.[d] ?? 0) * scale[d]);
    return [{ ...layer, weights, biases }];
  });
}

/** Multiplications and additions of a layer's products, forward, for one sample. */
export const forwardFlops = ({ type, output, weightShape }) =>
  weightShape ? 2 * product(weightShape) * (type === 'conv' ? output[1] * output[2] : 1) : 0;

/**
 * Dense weights after a flattening of channels-last images: their rows in the order in which such
 * an image lies in memory.
 */
export function denseWeightsChannelsLast(all, index) {
  const layer = all[index];
  const before = all[index - 1];
  if (before?.type !== 'flatten' || before.input.length !== 3) return layer.weights;
  const [c, h, w] = before.input;
  const columns = layer.weightShape[1];
  const result = new Float32Array(layer.weights.length);
  let row = 0;
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      for (let channel = 0; channel < c; channel++, row++) {
        const from = ((channel * h + y) * w + x) * columns;
        result.set(layer.weights.subarray(from, from + columns), row * columns);
      }
    }
  }
  return result;
}
