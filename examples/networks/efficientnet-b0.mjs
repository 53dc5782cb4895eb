import { Add, input, Sigmoid, Swish } from 'lamella/graph';
import { classifier, convolution, depthwise, roundedToEight, squeezeExcite } from './blocks.mjs';

const linear = { momentum: 0.99, epsilon: 1e-3 };
const settings = { Activation: Swish, ...linear };

/** Kernel, repetitions, channels, expansion and stride of the first: table 1. */
const stages = [
  [3, 1, 16, 1, 1],
  [3, 2, 24, 6, 2],
  [5, 2, 40, 6, 2],
  [3, 3, 80, 6, 2],
  [5, 3, 112, 6, 1],
  [5, 4, 192, 6, 2],
  [3, 1, 320, 6, 1],
];

function block(x, kernelSize, channels, expansion, stride) {
  const [before] = x.shape;
  const wide = expansion === 1 ? x : convolution(x, expansion * before, 1, settings);
  let y = depthwise(wide, kernelSize, { stride, ...settings });
  y = squeezeExcite(y, Math.max(1, Math.floor(before / 4)), Swish, Sigmoid);
  y = convolution(y, channels, 1, linear);
  return stride === 1 && before === channels ? new Add().apply([x, y]) : y;
}

/**
 * EfficientNet-B0 (Tan, Le, "EfficientNet: rethinking model scaling for convolutional neural
 * networks", 2019), without stochastic depth.
 * @param options.width - Multiplier of all channels.
 * @param options.dropout - Before the logits; 0 for none.
 * @returns The logits of the classes.
 */
export function efficientNetB0({
  inputShape = [3, 224, 224],
  classes = 1000,
  width = 1,
  dropout = 0.2,
} = {}) {
  const inputs = input(inputShape);
  let x = convolution(inputs, roundedToEight(32, width), 3, { stride: 2, ...settings });
  for (const [kernelSize, repetitions, channels, expansion, stride] of stages) {
    for (let i = 0; i < repetitions; i++) {
      const step = i === 0 ? stride : 1;
      x = block(x, kernelSize, roundedToEight(channels, width), expansion, step);
    }
  }
  x = convolution(x, roundedToEight(1280, width), 1, settings);
  return { inputs, outputs: classifier(x, classes, dropout) };
}
