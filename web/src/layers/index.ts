// All layer classes: one that is in the list can be saved, loaded, converted and made in a worker.
import { GELU, LeakyReLU, PReLU, ReLU, Sigmoid, Softmax, Swish, Tanh } from './activations.js';
import { BatchNormalization, BatchNormalization2D } from './batch-normalization.js';
import { Convolutional } from './convolutional.js';
import { Dense } from './dense.js';
import { Dropout } from './dropout.js';
import { Flatten } from './flatten.js';
import { HardSwish } from './hard-swish.js';
import { LayerNormalization } from './layer-normalization.js';
import { AveragePooling2D, GlobalAveragePooling2D, MaxPooling2D } from './pooling.js';
import { ReLU6 } from './relu6.js';
import { Reshape } from './reshape.js';
import { Residual } from './residual.js';

export * from './activations.js';
export * from './batch-normalization.js';
export * from './convolutional.js';
export * from './dense.js';
export * from './dropout.js';
export * from './flatten.js';
export * from './hard-swish.js';
export * from './layer-normalization.js';
export * from './pooling.js';
export * from './relu6.js';
export * from './reshape.js';
export * from './residual.js';

/**
 * All built-in layer classes. Each says its `type` and `positional` arguments.
 * @example const names = layerClasses.map(({ type }) => type);
 */
export const layerClasses = [
  Dense,
  Convolutional,
  BatchNormalization,
  BatchNormalization2D,
  LayerNormalization,
  Dropout,
  MaxPooling2D,
  AveragePooling2D,
  GlobalAveragePooling2D,
  Flatten,
  Reshape,
  ReLU,
  ReLU6,
  LeakyReLU,
  PReLU,
  GELU,
  Sigmoid,
  Tanh,
  Swish,
  HardSwish,
  Softmax,
  Residual,
] as const;
