import {
  Concatenate,
  Convolutional,
  Dropout,
  GlobalAveragePooling2D,
  input,
  MaxPooling2D,
  ReLU,
} from 'lamella/graph';
import { scaled } from './blocks.mjs';

function convolution(x, channels, kernelSize, options = {}) {
  return new ReLU().apply(new Convolutional(channels, kernelSize, options).apply(x));
}

/** Few channels, of which 1 x 1 and 3 x 3 make many: figure 1. */
function fire(x, squeezed, expanded) {
  const few = convolution(x, squeezed, 1);
  return new Concatenate().apply([
    convolution(few, expanded, 1),
    convolution(few, expanded, 3, { padding: 'same' }),
  ]);
}

/** Channels of the fire modules, and where the maximum is taken: table 1. */
const modules = [[16, 64], [16, 64], [32, 128], 'pool', [32, 128], [48, 192], [48, 192], [64, 256]];

/**
 * SqueezeNet 1.0 (Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and
 * < 0.5 MB model size", 2016). Images smaller than 41 pixels leave nothing for its last layers.
 * @param options.width - Multiplier of all channels.
 * @param options.dropout - Before the last convolution; 0 for none.
 * @returns The logits of the classes, none of which is negative.
 */
export function squeezeNet({
  inputShape = [3, 227, 227],
  classes = 1000,
  width = 1,
  dropout = 0.5,
} = {}) {
  const inputs = input(inputShape);
  const pool = (x) => new MaxPooling2D(3, { stride: 2 }).apply(x);
  let x = pool(convolution(inputs, scaled(96, width), 7, { stride: 2 }));
  for (const module of modules) {
    x = module === 'pool' ? pool(x) : fire(x, ...module.map((size) => scaled(size, width)));
  }
  x = fire(pool(x), scaled(64, width), scaled(256, width));
  if (dropout > 0) x = new Dropout(dropout).apply(x);
  return { inputs, outputs: new GlobalAveragePooling2D().apply(convolution(x, classes, 1)) };
}
