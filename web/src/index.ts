/**
 * Trains and runs neural networks on the CPU, in WebAssembly SIMD.
 *
 * @module lamella
 */
export { ArrayDataset, type ArrayDatasetOptions, type NumberArray } from './data/array-dataset.js';
export type { Batches, BatchSequence, TrainBatch } from './data/batch-samples.js';
export type { Dataset } from './data/dataset.js';
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
export type { LayerOptions } from './layers/built-in-layer.js';
export { col2im, im2col } from './layers/columns.js';
export {
  type Config,
  type GraphValue,
  type Initialization,
  Layer,
  type LayerConfig,
  layerToConfig,
  type Parameter,
} from './layers/layer.js';
export * from './layers/index.js';
export { layerFromConfig, registerLayer } from './layers/registry.js';
export type { Padding, PerAxis, PerSide } from './layers/windows.js';
export {
  BinaryCrossEntropy,
  CategoricalCrossEntropy,
  type CrossEntropyOptions,
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
export type { ArgumentNames, PartClass, TypeName } from './registry.js';
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
export type { Shape } from './shape.js';
export { type NestedNumbers, oneHot, Tensor, tensor, type TensorData, zeros } from './tensor.js';
export type {
  BatchProgress,
  EpochResult,
  EvaluateOptions,
  Evaluation,
  TrainOptions,
} from './train-options.js';
