/**
 * Data sets of tables, arrays and functions, for `Model.train`. It needs no engine: it runs beside
 * `lamella`, `lamella/worker` and the other entries.
 *
 * @module lamella/data
 */
export { ArrayDataset, type ArrayDatasetOptions, type NumberArray } from './array-dataset.js';
export type { Dataset } from './dataset.js';
export { fromArrays, type FromArraysOptions } from './from-arrays.js';
export { csvBatches, type CsvBatchesOptions, type CsvDataset, fromCsv } from './from-csv.js';
export type { ColumnType, CsvOptions } from './csv-table.js';
export {
  batches,
  type GatheredBatch,
  map,
  type MapOptions,
  type Mapped,
  type OwnSample,
  type Sample,
} from './map.js';
export type { PartOf, ShapedDataset } from './shaped.js';
export { shuffle, split, type SplitOptions, take } from './select.js';
export { standardise, type Statistics } from './standardise.js';
export type { TextSource } from './text-source.js';
export type { NestedNumbers, TensorData } from '../tensor.js';
export {
  ArgumentTypeError,
  FormatError,
  LamellaError,
  ShapeError,
  ValueError,
} from '../runtime/errors.js';
