import { Add, input, MaxPooling2D, ReLU } from 'lamella/graph';
import { classifier, convolution, scaled } from './blocks.mjs';

const linear = { momentum: 0.9, epsilon: 1e-5 };
const settings = { Activation: ReLU, ...linear };

/** Two convolutions of 3 x 3: figure 5, left. */
function basic(x, channels, stride) {
  const y = convolution(x, channels, 3, { stride, padding: 1, ...settings });
  return convolution(y, channels, 3, { padding: 1, ...linear });
}

/** 1 x 1, 3 x 3 and 1 x 1, the last with four times the channels: figure 5, right. */
function bottleneck(x, channels, stride) {
  let y = convolution(x, channels, 1, { stride, ...settings });
  y = convolution(y, channels, 3, { padding: 1, ...settings });
  return convolution(y, 4 * channels, 1, linear);
}

/** The block beside a shortcut, which is a convolution where shapes differ. */
function residual(x, block, channels, stride) {
  const y = block(x, channels, stride);
  const same = x.shape.join() === y.shape.join();
  const shortcut = same ? x : convolution(x, y.shape[0], 1, { stride, ...linear });
  return new ReLU().apply(new Add().apply([y, shortcut]));
}

function resNet(block, repetitions, { inputShape = [3, 224, 224], classes = 1000, width = 1 }) {
  const inputs = input(inputShape);
  let x = convolution(inputs, scaled(64, width), 7, { stride: 2, padding: 3, ...settings });
  x = new MaxPooling2D(3, { stride: 2, padding: 1 }).apply(x);
  for (const [stage, count] of repetitions.entries()) {
    for (let i = 0; i < count; i++) {
      x = residual(x, block, scaled(64 * 2 ** stage, width), stage > 0 && i === 0 ? 2 : 1);
    }
  }
  return { inputs, outputs: classifier(x, classes) };
}

/**
 * ResNet-18 (He et al., "Deep residual learning for image recognition", 2015, table 1), with a
 * convolution in the shortcuts whose shapes differ (option B).
 * @param options.width - Multiplier of all channels.
 * @returns The logits of the classes.
 */
export const resNet18 = (options = {}) => resNet(basic, [2, 2, 2, 2], options);

/**
 * ResNet-50, of bottlenecks, whose first convolution has the stride; otherwise as {@link resNet18}.
 * @returns The logits of the classes.
 */
export const resNet50 = (options = {}) => resNet(bottleneck, [3, 4, 6, 3], options);
