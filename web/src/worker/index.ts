/**
 * The Model API off the main thread: a client for the page, and what a worker of your own needs.
 *
 * @module lamella/worker
 */
export { ArrayDataset, type ArrayDatasetOptions, type NumberArray } from '../data/array-dataset.js';
export type { Dataset } from '../data/dataset.js';
export type { FileArray } from '../io/file-array.js';
export {
  createWorkerClient,
  type RemoteModelOptions,
  type WorkerClient,
  type WorkerClientOptions,
} from './client.js';
export type {
  LayerDescription,
  LossDescription,
  MetricDescription,
  OptimizerDescription,
  ScheduleDescription,
} from './descriptions.js';
export type { RemoteBatchProgress } from './protocol.js';
export type { NodeWorker } from '../runtime/workers.js';
export type { CopyOptions } from './caller.js';
export type { RemoteTensor } from './remote.js';
export type { RemoteModel, RemoteTrainOptions } from './remote-model.js';
export {
  ArgumentTypeError,
  FormatError,
  LamellaError,
  OutOfMemoryError,
  ShapeError,
  StateError,
  UnsupportedError,
  ValueError,
} from '../runtime/errors.js';
export { serve } from './serve.js';
