import {
  Concatenate,
  Conv2DTranspose,
  Convolutional,
  Cropping2D,
  Dropout,
  input,
  MaxPooling2D,
  ReLU,
} from 'lamella/graph';
import { scaled } from './blocks.mjs';

function twice(x, channels, padding) {
  const convolution = (y) => new ReLU().apply(new Convolutional(channels, 3, { padding }).apply(y));
  return convolution(convolution(x));
}

/** The middle of an image, as high and wide as another. */
function middle(x, like) {
  const [vertical, horizontal] = [1, 2].map((axis) => {
    const rest = x.shape[axis] - like.shape[axis];
    return [Math.floor(rest / 2), Math.ceil(rest / 2)];
  });
  const all = [...vertical, ...horizontal].every((count) => count === 0);
  return all ? x : new Cropping2D([vertical, horizontal]).apply(x);
}

/**
 * U-Net (Ronneberger, Fischer, Brox, "U-Net: convolutional networks for biomedical image
 * segmentation", 2015, figure 1): down to small images of many channels and up again, with what was
 * there at each size on the way down.
 * @param options.width - Multiplier of all channels.
 * @param options.levels - How often the images are halved.
 * @param options.padding - 'valid' as published: the result is smaller than the image; or 'same'.
 * @param options.dropout - At the bottom; 0 for none.
 * @returns The logits of the classes of each pixel, [classes, height, width].
 */
export function uNet({
  inputShape = [1, 572, 572],
  classes = 2,
  width = 1,
  levels = 4,
  padding = 'valid',
  dropout = 0.5,
} = {}) {
  const inputs = input(inputShape);
  const channels = (level) => scaled(64 * 2 ** level, width);
  const kept = [];
  let x = inputs;
  for (let level = 0; level < levels; level++) {
    kept.push(twice(x, channels(level), padding));
    x = new MaxPooling2D().apply(kept[level]);
  }
  x = twice(x, channels(levels), padding);
  if (dropout > 0) x = new Dropout(dropout).apply(x);
  for (let level = levels - 1; level >= 0; level--) {
    x = new Conv2DTranspose(channels(level), 2, { stride: 2 }).apply(x);
    x = new Concatenate().apply([middle(kept[level], x), x]);
    x = twice(x, channels(level), padding);
  }
  return { inputs, outputs: new Convolutional(classes, 1).apply(x) };
}
