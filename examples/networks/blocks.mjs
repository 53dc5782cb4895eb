// Blocks that several networks are made of.
import {
  BatchNormalization2D,
  Convolutional,
  Dense,
  DepthwiseConv2D,
  Dropout,
  GlobalAveragePooling2D,
  Multiply,
  Reshape,
} from 'lamella/graph';

/** Channels of a network that is `width` times as wide: a whole number, at least 1. */
export const scaled = (channels, width) => Math.max(1, Math.floor(channels * width));

/**
 * Channels of a network that is `width` times as wide, the nearest multiple of 8 that is not below 0.9
 * of it (Sandler et al., 2018, in the code published with the paper).
 */
export function roundedToEight(channels, width = 1) {
  const wanted = channels * width;
  const rounded = Math.max(8, 8 * Math.floor(wanted / 8 + 0.5));
  return rounded < 0.9 * wanted ? rounded + 8 : rounded;
}

/** A convolution without biases, batch normalization and, unless there is none, an activation. */
export function convolution(
  x,
  channels,
  kernelSize,
  { Activation, epsilon, momentum, ...options },
) {
  const layer = new Convolutional(channels, kernelSize, {
    padding: 'same-upper',
    noBias: true,
    ...options,
  });
  return normalized(layer.apply(x), { Activation, epsilon, momentum });
}

/** A depthwise convolution without biases, batch normalization and, unless there is none, an activation. */
export function depthwise(x, kernelSize, { Activation, epsilon, momentum, ...options }) {
  const layer = new DepthwiseConv2D(kernelSize, {
    padding: 'same-upper',
    noBias: true,
    ...options,
  });
  return normalized(layer.apply(x), { Activation, epsilon, momentum });
}

function normalized(x, { Activation, epsilon, momentum }) {
  const y = new BatchNormalization2D({ epsilon, momentum }).apply(x);
  return Activation === undefined ? y : new Activation().apply(y);
}

/**
 * Squeeze and excite (Hu, Shen, Sun, "Squeeze-and-Excitation networks", 2018): each channel is
 * multiplied by a number that the means of all channels decide.
 * @param squeezed - Channels between the two convolutions.
 */
export function squeezeExcite(x, squeezed, Activation, Gate) {
  const [channels] = x.shape;
  let y = new GlobalAveragePooling2D().apply(x);
  y = new Reshape([channels, 1, 1]).apply(y);
  y = new Activation().apply(new Convolutional(squeezed, 1).apply(y));
  y = new Gate().apply(new Convolutional(channels, 1).apply(y));
  return new Multiply().apply([x, y]);
}

/** The logits of classes: means of the channels, dropout unless it is 0, one dense layer. */
export function classifier(x, classes, dropout = 0) {
  const means = new GlobalAveragePooling2D().apply(x);
  return new Dense(classes).apply(dropout === 0 ? means : new Dropout(dropout).apply(means));
}
