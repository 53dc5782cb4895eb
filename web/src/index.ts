/**
 * Trains and runs neural networks on the CPU, in WebAssembly SIMD.
 *
 * @packageDocumentation
 */
export {
  exportOnnx,
  loadCheckpoint,
  loadKeras,
  loadLayersModel,
  loadNpz,
  loadSafetensors,
  readSafetensors,
  saveCheckpoint,
  saveNpz,
  saveSafetensors,
  writeSafetensors,
} from './io/index.js';
export { lossFromConfig, optimizerFromConfig, registerLoss } from './io/registries.js';
export type { CheckpointStore } from './io/checkpoint-store.js';
export { fileStore, indexedDbStore, opfsStore } from './io/stores.js';
export type { FileArray } from './io/file-array.js';
export {
  GELU,
  LeakyReLU,
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
  layerToConfig,
  type Parameter,
} from './layers/layer.js';
export {
  LayerNormalization,
  type LayerNormalizationOptions,
} from './layers/layer-normalization.js';
export {
  AveragePooling2D,
  GlobalAveragePooling2D,
  MaxPooling2D,
  type PoolingOptions,
} from './layers/pooling.js';
export { layerFromConfig, registerLayer } from './layers/registry.js';
export { Reshape } from './layers/reshape.js';
export { Residual, type ResidualOptions } from './layers/residual.js';
export {
  BinaryCrossEntropy,
  CategoricalCrossEntropy,
  Huber,
  Loss,
  MSE,
  type NoOptions,
  SparseCategoricalCrossEntropy,
} from './losses.js';
export {
  Accuracy,
  confusionMatrix,
  F1Score,
  MAE,
  Metric,
  Precision,
  R2Score,
  Recall,
  RMSE,
  TopKAccuracy,
} from './metrics.js';
export { type LayerSummary, Model, type ModelOptions } from './model.js';
export {
  Adam,
  type AdamOptions,
  AdamW,
  type AdamWOptions,
  Optimizer,
  type OptimizerOptions,
  type RegularizedOptions,
  RMSprop,
  type RMSpropOptions,
  SGD,
  type SGDOptions,
} from './optimizers.js';
export type { LayerProfile } from './profile.js';
export type { InitOptions, RuntimeInfo } from './runtime/choose.js';
export {
  ArgumentTypeError,
  FormatError,
  LamellaError,
  OutOfMemoryError,
  ShapeError,
  StateError,
  UnsupportedError,
  ValueError,
} from './runtime/errors.js';
export { allocationCount, init, runtimeInfo } from './runtime/init.js';
export { missingFeatures, type Variant, variants } from './runtime/variants.js';
export { CosineDecay, Schedule, scheduleFromConfig, StepDecay, WarmUp } from './schedules.js';
export {
  type NestedNumbers,
  oneHot,
  type Shape,
  Tensor,
  tensor,
  type TensorData,
  zeros,
} from './tensor.js';
export type { BatchProgress, EpochResult, Evaluation, TrainOptions } from './training.js';
