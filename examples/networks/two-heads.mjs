import { Convolutional, Dense, Flatten, input, MaxPooling2D, ReLU } from 'lamella/graph';
import { scaled } from './blocks.mjs';

/**
 * One trunk with two heads, what is in the image and where: class and box, as in OverFeat (Sermanet et
 * al., "OverFeat: integrated recognition, localization and detection using convolutional networks",
 * 2013, sections 3 and 4), in small.
 * @param options.width - Multiplier of the channels.
 * @returns Two outputs: the logits of the classes, and four numbers that say where a box is.
 */
export function twoHeads({ inputShape = [3, 64, 64], classes = 10, width = 1 } = {}) {
  const inputs = input(inputShape);
  let x = inputs;
  for (const channels of [32, 64, 128]) {
    x = new Convolutional(scaled(channels, width), 3, { padding: 'same' }).apply(x);
    x = new MaxPooling2D().apply(new ReLU().apply(x));
  }
  x = new Flatten().apply(x);
  const head = (size) => {
    const y = new ReLU().apply(new Dense(scaled(256, width)).apply(x));
    return new Dense(size).apply(y);
  };
  return { inputs, outputs: [head(classes), head(4)] };
}
