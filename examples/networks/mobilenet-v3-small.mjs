import {
  Add,
  Convolutional,
  Dense,
  Dropout,
  Flatten,
  GlobalAveragePooling2D,
  HardSigmoid,
  HardSwish,
  input,
  ReLU,
  Reshape,
} from 'lamella/graph';
import { convolution, depthwise, roundedToEight, squeezeExcite } from './blocks.mjs';

const linear = { momentum: 0.999, epsilon: 1e-3 };

/** Kernel, channels inside, channels afterwards, squeeze and excite, activation, stride: table 2. */
const blocks = [
  [3, 16, 16, true, ReLU, 2],
  [3, 72, 24, false, ReLU, 2],
  [3, 88, 24, false, ReLU, 1],
  [5, 96, 40, true, HardSwish, 2],
  [5, 240, 40, true, HardSwish, 1],
  [5, 240, 40, true, HardSwish, 1],
  [5, 120, 48, true, HardSwish, 1],
  [5, 144, 48, true, HardSwish, 1],
  [5, 288, 96, true, HardSwish, 2],
  [5, 576, 96, true, HardSwish, 1],
  [5, 576, 96, true, HardSwish, 1],
];

function bottleneck(x, kernelSize, inside, channels, excites, Activation, stride) {
  const [before] = x.shape;
  const settings = { Activation, ...linear };
  const wide = inside === before ? x : convolution(x, inside, 1, settings);
  let y = depthwise(wide, kernelSize, { stride, ...settings });
  if (excites) y = squeezeExcite(y, roundedToEight(inside / 4), ReLU, HardSigmoid);
  y = convolution(y, channels, 1, linear);
  return stride === 1 && before === channels ? new Add().apply([x, y]) : y;
}

/**
 * MobileNetV3-small (Howard et al., "Searching for MobileNetV3", 2019).
 * @param options.width - Multiplier of all channels; of those before the logits above 1 only.
 * @param options.dropout - Before the logits; 0 for none.
 * @returns The logits of the classes.
 */
export function mobileNetV3Small({
  inputShape = [3, 224, 224],
  classes = 1000,
  width = 1,
  dropout = 0.2,
} = {}) {
  const inputs = input(inputShape);
  const settings = { Activation: HardSwish, ...linear };
  let x = convolution(inputs, roundedToEight(16, width), 3, { stride: 2, ...settings });
  for (const [kernelSize, inside, channels, ...rest] of blocks) {
    const sizes = [roundedToEight(inside, width), roundedToEight(channels, width)];
    x = bottleneck(x, kernelSize, ...sizes, ...rest);
  }
  x = convolution(x, roundedToEight(576, width), 1, settings);
  x = new Reshape([x.shape[0], 1, 1]).apply(new GlobalAveragePooling2D().apply(x));
  x = new HardSwish().apply(
    new Convolutional(roundedToEight(1024, Math.max(1, width)), 1).apply(x),
  );
  x = new Flatten().apply(x);
  if (dropout > 0) x = new Dropout(dropout).apply(x);
  return { inputs, outputs: new Dense(classes).apply(x) };
}
