// The networks of the benchmark, as lists of layers.
import {
  batchNorm,
  conv,
  dense,
  flatten,
  forwardFlops,
  globalPool,
  pool,
  relu,
  sigmoid,
  withParameters,
  withShapes,
} from './layers.mjs';

/** Depths and strides of MobileNetV1's depthwise-separable blocks (Howard et al., 2017). */
const mobilenetBlocks = [
  ...[
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
  ],
  ...[
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [1024, 2],
    [1024, 1],
  ],
];

const normalized = (depth, more) => [conv(depth, { bias: false, ...more }), batchNorm, relu];

const layers = {
  mlp: (width) => [flatten, dense(128 * width), relu, dense(10)],
  cnn: (width) => [
    ...[conv(8 * width), relu, pool()],
    ...[conv(16 * width), relu, pool()],
    ...[flatten, dense(10)],
  ],
  'cnn-big': (width) => [
    ...[conv(32 * width), relu, conv(32 * width), relu, pool()],
    ...[conv(64 * width), relu, pool()],
    ...[flatten, dense(128 * width), relu, dense(10)],
  ],
  'wide-mlp': () => [dense(4096), relu, dense(1000)],
  tiny: () => [dense(16), sigmoid, dense(3)],
  rl: () => [dense(64), relu, dense(64), relu, dense(4)],
  lenet: () => [
    ...[conv(6, { size: 5 }), relu, pool()],
    ...[conv(16, { size: 5, padding: 'valid' }), relu, pool()],
    ...[flatten, dense(120), relu, dense(84), relu, dense(10)],
  ],
  'cifar-cnn': () => [
    ...[conv(32), relu, conv(32, { padding: 'valid' }), relu, pool()],
    ...[conv(64), relu, conv(64, { padding: 'valid' }), relu, pool()],
    ...[flatten, dense(512), relu, dense(10)],
  ],
  'mobilenet-v1': () => [
    ...normalized(32, { stride: 2 }),
    ...mobilenetBlocks.flatMap(([depth, stride]) => [
      ...normalized(undefined, { groups: 'depthwise', stride }),
      ...normalized(depth, { size: 1 }),
    ]),
    ...[globalPool, dense(1000)],
  ],
};

const inputShapes = {
  'wide-mlp': [1024],
  tiny: [4],
  rl: [8],
  'cifar-cnn': [3, 32, 32],
  'mobilenet-v1': [3, 224, 224],
};

/** The layers of a workload, which names a network or has layers itself. */
function shapesOf({ network: name, width = 1, size = 28, layers: own, inputShape: ownShape }) {
  const inputShape = ownShape ?? inputShapes[name] ?? [1, size, size];
  return { inputShape, layers: withShapes(own ?? layers[name](width), inputShape) };
}

/** A workload's network with its weights. */
export function network(workload) {
  const { inputShape, layers: list } = shapesOf(workload);
  return { inputShape, layers: withParameters(list) };
}

/** Multiplications and additions of one sample: a forward pass, or a training step. */
export function flopsPerSample(workload, training) {
  let first = true;
  let total = 0;
  for (const layer of shapesOf(workload).layers) {
    const forward = forwardFlops(layer);
    if (forward === 0) continue;
    // Backward: the weights' gradient, and the input's except in the first layer.
    total += forward * (training ? (first ? 2 : 3) : 1);
    first = false;
  }
  return total;
}
