import type { RunConfig } from '../types.js';

/** One channel of 28 by 28 pixels. */
export const imageShape = [1, 28, 28];

const optimizers = (learningRate: number) =>
  ({
    Adam: { type: 'Adam', learningRate },
    RMSprop: { type: 'RMSprop', learningRate },
    SGD: { type: 'SGD', learningRate, momentum: 0.9 },
  }) as const;

/** All of an untrained model but its layers. */
export function describeModel({ optimizer, learningRate, seed }: RunConfig) {
  return {
    loss: { type: 'SparseCategoricalCrossEntropy' },
    optimizer: optimizers(learningRate)[optimizer],
    seed,
    inputShape: imageShape,
  } as const;
}
