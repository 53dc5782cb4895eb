import {
  CategoricalCrossEntropy,
  init,
  layerFromConfig,
  Model,
  optimizerFromConfig,
  tensor,
} from 'lamella';
import { describeModel } from '../session/network.js';
import type { OpenContender } from './contender.js';

declare const __VERSION__: string;

export const open: OpenContender = async (config) => {
  const { variant } = await init();
  const { optimizer, ...options } = describeModel(config);
  const model = new Model(config.layers.map(layerFromConfig), {
    ...options,
    loss: new CategoricalCrossEntropy(),
    optimizer: optimizerFromConfig(optimizer),
  });
  return {
    version: __VERSION__,
    backend: `WebAssembly, ${variant === 'relaxed' ? 'relaxed SIMD' : 'SIMD'}`,
    step({ size, images, labels }) {
      const x = tensor(images, [size, 1, 28, 28]);
      const y = tensor(labels, [size, 10]);
      const { loss } = model.trainBatch(x, y);
      x.dispose();
      y.dispose();
      return loss;
    },
  };
};
