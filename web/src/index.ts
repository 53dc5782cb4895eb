/**
 * Trains and runs neural networks on the CPU, in WebAssembly SIMD.
 *
 * @packageDocumentation
 */
export {
  PReLU,
  type PReLUOptions,
  ReLU,
  Sigmoid,
  Softmax,
  type SoftmaxOptions,
  Swish,
  Tanh,
} from './layers/activations.js';
export {
  BatchNormalization,
  BatchNormalization2D,
  type BatchNormalizationOptions,
} from './layers/batch-normalization.js';
export type { LayerOptions } from './layers/built-in-layer.js';
export { col2im, im2col } from './layers/columns.js';
export { Convolutional, type ConvolutionalOptions } from './layers/convolutional.js';
export { Dense, type DenseOptions } from './layers/dense.js';
export { Dropout } from './layers/dropout.js';
export { Flatten } from './layers/flatten.js';
export {
  type Config,
  type Initialization,
  Layer,
  type LayerConfig,
  type Parameter,
} from './layers/layer.js';
export { AveragePooling2D, MaxPooling2D, type PoolingOptions } from './layers/pooling.js';
export { layerFromConfig, layerToConfig } from './layers/registry.js';
export { BinaryCrossEntropy, CategoricalCrossEntropy, Loss, MSE } from './losses.js';
export { type Evaluation, type LayerSummary, Model, type ModelOptions } from './model.js';
export {
  Adam,
  type AdamOptions,
  Optimizer,
  type OptimizerOptions,
  RMSprop,
  type RMSpropOptions,
  SGD,
  type SGDOptions,
} from './optimizers.js';
export type { LayerProfile } from './profile.js';
export {
  ArgumentTypeError,
  LamellaError,
  OutOfMemoryError,
  ShapeError,
  StateError,
  UnsupportedError,
  ValueError,
} from './runtime/errors.js';
export {
  allocationCount,
  init,
  type InitOptions,
  runtimeInfo,
  type RuntimeInfo,
} from './runtime/init.js';
export type { Variant } from './runtime/variants.js';
export {
  type NestedNumbers,
  oneHot,
  type Shape,
  Tensor,
  tensor,
  type TensorData,
  zeros,
} from './tensor.js';
export type { BatchProgress, EpochResult, TrainOptions } from './training.js';
