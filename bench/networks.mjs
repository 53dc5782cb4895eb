// The networks of the benchmark, as lists of layers, and their weights.
import { product, uniform } from './data.mjs';

const conv = (depth) => ({ type: 'conv', depth });
const dense = (size) => ({ type: 'dense', size });
const relu = { type: 'relu' };
const pool = { type: 'pool' };
const flatten = { type: 'flatten' };

/** Convolutions are 3x3 with padding 'same' and stride 1, pooling takes the maximum of 2x2. */
const layers = {
  mlp: (width) => [flatten, dense(128 * width), relu, dense(10)],
  cnn: (width) => [
    ...[conv(8 * width), relu, pool],
    ...[conv(16 * width), relu, pool],
    ...[flatten, dense(10)],
  ],
  'cnn-big': (width) => [
    ...[conv(32 * width), relu, conv(32 * width), relu, pool],
    ...[conv(64 * width), relu, pool],
    ...[flatten, dense(128 * width), relu, dense(10)],
  ],
};

/** Adds the shapes going in and out (without the batch) and the weights' shapes. */
function withShapes(list, inputShape) {
  let shape = inputShape;
  return list.map((layer) => {
    const [c, h, w] = shape;
    const input = shape;
    let weightShape;
    if (layer.type === 'conv') {
      weightShape = [layer.depth, c, 3, 3];
      shape = [layer.depth, h, w];
    } else if (layer.type === 'dense') {
      weightShape = [product(shape), layer.size];
      shape = [layer.size];
    } else if (layer.type === 'pool') {
      shape = [c, Math.floor(h / 2), Math.floor(w / 2)];
    } else if (layer.type === 'flatten') {
      shape = [product(shape)];
    }
    return { ...layer, input, output: shape, weightShape };
  });
}

/**
 * A network with its weights: [out, in, 3, 3] for convolutions, [in, out] for dense layers (in
 * counts channels first), uniform as He et al. have it. Biases start as zero.
 */
export function network({ network: name, width = 1, size = 28 }) {
  const inputShape = [1, size, size];
  let seed = 100;
  return {
    inputShape,
    layers: withShapes(layers[name](width), inputShape).map((layer) => {
      if (!layer.weightShape) return layer;
      const fanIn =
        layer.type === 'conv' ? product(layer.weightShape.slice(1)) : layer.weightShape[0];
      const limit = Math.sqrt(6 / fanIn);
      return {
        ...layer,
        seed,
        limit,
        weights: uniform(product(layer.weightShape), seed++, -limit, limit),
        biases: new Float32Array(layer.output[0]),
      };
    }),
  };
}

/** Multiplications and additions of one sample: a forward pass, or a training step. */
export function flopsPerSample(workload, training) {
  let first = true;
  let total = 0;
  for (const { type, output, weightShape } of withShapes(
    layers[workload.network](workload.width ?? 1),
    [1, workload.size ?? 28, workload.size ?? 28],
  )) {
    if (!weightShape) continue;
    const forward = 2 * product(weightShape) * (type === 'conv' ? output[1] * output[2] : 1);
    // Backward: the weights' gradient, and the input's except in the first layer.
    total += forward * (training ? (first ? 2 : 3) : 1);
    first = false;
  }
  return total;
}

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
