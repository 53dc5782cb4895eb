import { Add, input, ReLU6 } from 'lamella/graph';
import { classifier, convolution, depthwise, roundedToEight } from './blocks.mjs';

const linear = { momentum: 0.999, epsilon: 1e-3 };
const settings = { Activation: ReLU6, ...linear };

/** Expansion, channels, repetitions and stride of the first: table 2. */
const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

/** Many channels inside, few between the blocks, which are linear there: figure 3. */
function invertedResidual(x, expansion, channels, stride) {
  const [before] = x.shape;
  const wide = expansion === 1 ? x : convolution(x, expansion * before, 1, settings);
  const y = convolution(depthwise(wide, 3, { stride, ...settings }), channels, 1, linear);
  return stride === 1 && before === channels ? new Add().apply([x, y]) : y;
}

/**
 * MobileNetV2 (Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", 2018).
 * @param options.width - Multiplier of all channels; of those of the last convolution above 1 only.
 * @param options.dropout - Before the logits; 0 for none.
 * @returns The logits of the classes.
 */
export function mobileNetV2({
  inputShape = [3, 224, 224],
  classes = 1000,
  width = 1,
  dropout = 0.2,
} = {}) {
  const inputs = input(inputShape);
  let x = convolution(inputs, roundedToEight(32, width), 3, { stride: 2, ...settings });
  for (const [expansion, channels, repetitions, stride] of stages) {
    for (let i = 0; i < repetitions; i++) {
      x = invertedResidual(x, expansion, roundedToEight(channels, width), i === 0 ? stride : 1);
    }
  }
  x = convolution(x, roundedToEight(1280, Math.max(1, width)), 1, settings);
  return { inputs, outputs: classifier(x, classes, dropout) };
}
