import { Concatenate, Convolutional, input, MaxPooling2D, ReLU } from 'lamella/graph';
import { classifier, scaled } from './blocks.mjs';

function convolution(x, channels, kernelSize, stride = 1) {
  const layer = new Convolutional(channels, kernelSize, { stride, padding: 'same-upper' });
  return new ReLU().apply(layer.apply(x));
}

/**
 * An Inception block: four ways to look at the same pixels, side by side (figure 2b).
 * @param sizes - Channels of the 1 x 1 convolution, of the 3 x 3 and the one before it, of the 5 x 5
 * and the one before it, and of the one after the pooling.
 */
export function inceptionBlock(x, [one, beforeThree, three, beforeFive, five, pooled]) {
  const pool = new MaxPooling2D(3, { stride: 1, padding: 'same' });
  return new Concatenate().apply([
    convolution(x, one, 1),
    convolution(convolution(x, beforeThree, 1), three, 3),
    convolution(convolution(x, beforeFive, 1), five, 5),
    convolution(pool.apply(x), pooled, 1),
  ]);
}

/**
 * The first half of GoogLeNet, up to block 3b, and a classifier (Szegedy et al., "Going deeper with
 * convolutions", 2014, table 1), without its normalization of local responses.
 * @param options.width - Multiplier of all channels.
 * @returns The logits of the classes.
 */
export function inception({ inputShape = [3, 224, 224], classes = 1000, width = 1 } = {}) {
  const inputs = input(inputShape);
  const pool = (x) => new MaxPooling2D(3, { stride: 2, padding: 'same-upper' }).apply(x);
  let x = pool(convolution(inputs, scaled(64, width), 7, 2));
  x = pool(convolution(convolution(x, scaled(64, width), 1), scaled(192, width), 3));
  for (const sizes of [
    [64, 96, 128, 16, 32, 32],
    [128, 128, 192, 32, 96, 64],
  ]) {
    x = inceptionBlock(
      x,
      sizes.map((size) => scaled(size, width)),
    );
  }
  return { inputs, outputs: classifier(pool(x), classes) };
}
