import {
  Adam,
  CategoricalCrossEntropy,
  layerFromConfig,
  Model,
  type Optimizer,
  RMSprop,
  SGD,
} from 'lamella';
import type { OptimizerType, RunConfig } from '../protocol.js';

const optimizers: Record<OptimizerType, (learningRate: number) => Optimizer> = {
  Adam: (learningRate) => new Adam({ learningRate }),
  RMSprop: (learningRate) => new RMSprop({ learningRate }),
  SGD: (learningRate) => new SGD({ learningRate, momentum: 0.9 }),
};

/**
 * An untrained model.
 * @throws LamellaError, in words, when the layers do not fit together.
 */
export function createModel(config: RunConfig): Model {
  return new Model(config.layers.map(layerFromConfig), {
    loss: new CategoricalCrossEntropy(),
    optimizer: optimizers[config.optimizer](config.learningRate),
    seed: config.seed,
    inputShape: [1, 28, 28],
  });
}
