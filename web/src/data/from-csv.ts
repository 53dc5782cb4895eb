import { checkOptions, wholeNumber } from '../runtime/checks.js';
import { ArrayDataset } from './array-dataset.js';
import { CsvReader, type CsvRecord } from './csv-records.js';
import { type ColumnType, csvChecks, type CsvOptions, CsvTable } from './csv-table.js';
import type { OwnSample } from './map.js';
import type { ShapedDataset } from './shaped.js';
import { checkSource, textOf, type TextSource } from './text-source.js';

/** A table in memory. */
export interface CsvDataset extends ShapedDataset {
  /** The samples, one after another. */
  readonly x: Float32Array;
  /** Their labels. */
  readonly y: Float32Array;
  /** The meaning of each number of a sample: 'age', and 'city=Paris' for a category. */
  readonly columns: readonly string[];
  /** The label's categories by class number; empty where it is a number. */
  readonly classes: readonly string[];
  /** The contents of each column: as option `types` they make a table of the same columns read alike. */
  readonly types: Readonly<Record<string, ColumnType>>;
}

/** Options of {@link csvBatches}. */
export interface CsvBatchesOptions extends CsvOptions {
  /** Rows of a batch. Default 64. */
  readonly batchSize?: number | undefined;
}

/** The records of a source, those of each piece as it arrives. */
async function* recordsOf(
  call: string,
  source: TextSource,
  { delimiter = ',' }: CsvOptions,
): AsyncGenerator<Iterable<CsvRecord>> {
  const reader = new CsvReader(call, delimiter);
  for await (const piece of textOf(`${call}: source`, source)) yield reader.read(piece, false);
  yield reader.read('', true);
}

/**
 * A table with a row a sample, read as CSV (RFC 4180): fields in quotes, lines that end with LF or
 * CRLF, names in the first line.
 *
 * Columns of numbers are taken as they are. Other ones are categories, in the order of their numbers
 * or letters: of the label, class numbers for SparseCategoricalCrossEntropy, or rows for
 * CategoricalCrossEntropy by `oneHot`; of others, a number each that is 1 or 0.
 *
 * @param source - The text, or where it comes from.
 * @param options - The column to predict, `label`, cannot be left out.
 * @returns All rows, in memory; {@link csvBatches} is for those that do not fit.
 * @throws {@link FormatError}, which names line and column, for missing values, for texts among
 * numbers, and for rows of another length; {@link ValueError} and {@link ArgumentTypeError} for
 * options that there are not, that make no sense, or that are about other columns.
 * @example
 * const iris = await fromCsv(await fetch('iris.csv'), { label: 'species' });
 * iris.classes; // ['setosa', 'versicolor', 'virginica']
 */
export async function fromCsv(source: TextSource, options: CsvOptions): Promise<CsvDataset> {
  const own = checkOptions('fromCsv', options, csvChecks, 1);
  const table = new CsvTable('fromCsv', own, false);
  for await (const records of recordsOf('fromCsv', source, own)) {
    for (const record of records) table.add(record);
  }
  const { length } = table;
  const { x, y, yShape, ...others } = table.take();
  const shapes = { xShape: [x.length / length], yShape };
  const data = new ArrayDataset({ x, y, length });
  return Object.assign(data as ArrayDataset & Pick<CsvDataset, 'x' | 'y'>, shapes, others);
}

/**
 * A table of any length, a batch of rows at a time, for `Model.train`: no more than a batch and a
 * piece of the file is in memory. Rows come in the order of the file, which should not be sorted.
 *
 * @param source - As that of {@link fromCsv}, or a function that opens it: each epoch reads it anew,
 * and a stream can be read once.
 * @param options - As those of {@link fromCsv}; `types` lists the categories of each column that has
 * some, the label included.
 * @returns Batches of numbers, row-major; an iteration throws what {@link fromCsv} throws.
 * @example
 * const batches = csvBatches(() => fetch('clicks.csv'), { label: 'clicked', batchSize: 256 });
 * await model.train(batches, { epochs: 3 });
 */
export function csvBatches(
  source: TextSource | (() => TextSource | Promise<TextSource>),
  options: CsvBatchesOptions,
): AsyncIterable<OwnSample> {
  const checks = { ...csvChecks, batchSize: wholeNumber };
  const { batchSize = 64, ...given } = checkOptions('csvBatches', options, checks, 1);
  // A copy: each iteration reads the options.
  const own = structuredClone(given);
  if (typeof source !== 'function') checkSource('csvBatches: source', source);
  return {
    async *[Symbol.asyncIterator]() {
      const table = new CsvTable('csvBatches', own, true);
      const opened = typeof source === 'function' ? await source() : source;
      for await (const records of recordsOf('csvBatches', opened, own)) {
        for (const record of records) {
          table.add(record);
          if (table.length < batchSize) continue;
          const { x, y } = table.take();
          yield { x, y };
        }
      }
      if (table.length === 0) return;
      const { x, y } = table.take();
      yield { x, y };
    },
  };
}
