import { input, ReLU6 } from 'lamella/graph';
import { classifier, convolution, depthwise, scaled } from './blocks.mjs';

const settings = { Activation: ReLU6, momentum: 0.99, epsilon: 1e-3 };

/** Channels and stride of each pair of a depthwise and a pointwise convolution. */
const pairs = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

/**
 * MobileNetV1 (Howard et al., "MobileNets: efficient convolutional neural networks for mobile vision
 * applications", 2017, table 1), with ReLU6 as in the code of its authors.
 * @param options.width - Multiplier of all channels.
 * @param options.dropout - Before the logits; 0 for none.
 * @returns The logits of the classes.
 */
export function mobileNetV1({
  inputShape = [3, 224, 224],
  classes = 1000,
  width = 1,
  dropout = 1e-3,
} = {}) {
  const inputs = input(inputShape);
  let x = convolution(inputs, scaled(32, width), 3, { stride: 2, ...settings });
  for (const [channels, stride] of pairs) {
    x = depthwise(x, 3, { stride, ...settings });
    x = convolution(x, scaled(channels, width), 1, settings);
  }
  return { inputs, outputs: classifier(x, classes, dropout) };
}
