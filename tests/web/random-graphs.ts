// Random graphs of layers, all of them smooth but for Maximum, for random-graphs.test.ts.
import {
  Add,
  Average,
  BatchNormalization2D,
  Concatenate,
  Convolutional,
  Dense,
  Flatten,
  GlobalAveragePooling2D,
  type GraphEnds,
  input,
  type Layer,
  LayerNormalization,
  Maximum,
  Model,
  Multiply,
  Reshape,
  Swish,
  type SymbolicTensor,
  Tanh,
} from 'lamella/graph';
import { numbers } from './support.js';

const CHANNELS = 3;
const IMAGE = [CHANNELS, 4, 4];

const convolution = (): Layer => new Convolutional(CHANNELS, 3, { padding: 'same' });

/**
 * A graph of two inputs and three outputs, which has all merging layers, layers that are applied several
 * times, and a model inside.
 */
export function randomGraph(seed: number): GraphEnds & {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
} {
  const random = numbers(500, seed);
  let drawn = 0;
  const below = (end: number): number =>
    Math.floor((((random[drawn++] as number) + 1) / 2) * 0.9999 * end);
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item;

  const inputs = ['first', 'second'].map((name) => input(IMAGE, { name }));
  const images = [...inputs];
  const unread = new Set(images);
  const shared: Layer[] = [];
  /** An image, rather one that nothing has taken yet. */
  const take = (): SymbolicTensor => {
    const value = pick(unread.size > 0 && below(3) > 0 ? [...unread] : images);
    unread.delete(value);
    return value;
  };
  const share = (layer: Layer): Layer => {
    shared.push(layer);
    return layer;
  };

  const steps: (() => SymbolicTensor)[] = [
    () => new Add().apply([take(), take(), take()]),
    () => new Average().apply([take(), take()]),
    () => new Maximum().apply([take(), take()]),
    () => new Multiply().apply([take(), take()]),
    () => convolution().apply(new Concatenate().apply([take(), take()])),
    () => {
      const tall = new Concatenate({ axis: 1 }).apply([take(), take()]);
      return new Convolutional(CHANNELS, [2, 1], { stride: [2, 1] }).apply(tall);
    },
    () => {
      // Squeeze and excite.
      const image = take();
      const means = new GlobalAveragePooling2D().apply(image);
      const weights = new Tanh().apply(new Dense(CHANNELS).apply(means));
      return new Multiply().apply([image, new Reshape([CHANNELS, 1, 1]).apply(weights)]);
    },
    () => {
      const start = input(IMAGE);
      const block = new Model({
        inputs: start,
        outputs: new Tanh().apply(share(convolution()).apply(start)),
      });
      return block.apply(block.apply(take())) as SymbolicTensor;
    },
    () => share(convolution()).apply(take()),
    () => share(new BatchNormalization2D({ epsilon: 0.1 })).apply(take()),
    () => new LayerNormalization().apply(take()),
    () => new Swish().apply(take()),
  ];
  while (steps.length > 0) {
    const [step] = steps.splice(below(steps.length), 1) as [() => SymbolicTensor];
    const image = step();
    images.push(image);
    unread.add(image);
  }
  const again = shared.map((layer) => layer.apply(take()));

  const all = new Tanh().apply(new Concatenate().apply([...again, ...unread]));
  const outputs = [
    new Dense(3).apply(new GlobalAveragePooling2D().apply(all)),
    new Dense(2).apply(new Flatten().apply(new Tanh().apply(pick(images.slice(2))))),
    convolution().apply(pick(images)),
  ];
  return { inputs, outputs };
}
