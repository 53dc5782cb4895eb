import { checkArray, reject, wholeNumber } from '../runtime/checks.js';
import { ArgumentTypeError, ShapeError } from '../runtime/errors.js';
import { sizeOf } from '../shape.js';
import { isDataset } from './dataset.js';
import { readNumbers } from './numbers.js';
import {
  checkRoom,
  gathered,
  type PartOf,
  partOf,
  range,
  shapedCount,
  type ShapedDataset,
} from './shaped.js';

/** Mean and deviation of each feature: all that {@link standardise} knows of the data, as JSON can hold it. */
export interface Statistics {
  /** Over all samples. */
  readonly mean: readonly number[];
  /** Root of the mean squared distance from the mean; 1 for a feature that is the same everywhere. */
  readonly deviation: readonly number[];
}

/** Samples gathered at a time to compute statistics. */
const atATime = 256;

/** The number of features of a shape, and of numbers in a row that are of one feature. */
function featuresOf(shape: readonly number[]): { features: number; run: number } {
  const [channels = 1, ...image] = shape;
  // Images are [channels, height, width], sequences [time, features].
  if (shape.length === 3) return { features: channels, run: sizeOf(image) };
  return { features: shape.at(-1) ?? 1, run: 1 };
}

/** Statistics over all samples (B. P. Welford, "Note on a method for calculating corrected sums", 1962). */
async function statisticsOf(dataset: ShapedDataset, length: number): Promise<Statistics> {
  const { features, run } = featuresOf(dataset.xShape);
  const mean = new Array<number>(features).fill(0);
  const squares = new Array<number>(features).fill(0);
  const counts = new Array<number>(features).fill(0);
  for (let first = 0; first < length; first += atATime) {
    const { x } = await gathered(dataset, range(first, atATime, length));
    for (let i = 0; i < x.length; i++) {
      const feature = Math.floor(i / run) % features;
      const value = x[i] as number;
      const count = (counts[feature] = (counts[feature] as number) + 1);
      const distance = value - (mean[feature] as number);
      const next = (mean[feature] = (mean[feature] as number) + distance / count);
      squares[feature] = (squares[feature] as number) + distance * (value - next);
    }
  }
  const bad = mean.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) reject(`standardise: feature ${bad} of x`, 'finite', mean[bad], 'number');
  const deviation = squares.map((sum, i) => Math.sqrt(sum / (counts[i] as number)) || 1);
  return { mean, deviation };
}

function checkStatistics(statistics: Statistics): void {
  for (const name of ['mean', 'deviation'] as const) {
    const list = (Object(statistics) as Statistics)[name] as unknown;
    checkArray(`standardise: statistics.${name}`, list);
    for (const [i, value] of list.entries()) {
      const isFine = Number.isFinite(value) && (name === 'mean' || (value as number) > 0);
      const wanted = name === 'mean' ? 'a finite number' : 'a finite number above 0';
      if (!isFine) reject(`standardise: statistics.${name}[${i}]`, wanted, value, 'number');
    }
  }
  const { mean, deviation } = statistics;
  if (mean.length === deviation.length) return;
  throw new ShapeError(
    `standardise: mean and deviation must be equally many, got ${mean.length} and ${deviation.length}`,
  );
}

function checkFeatures(features: number, { mean }: Statistics): void {
  if (features === mean.length) return;
  throw new ShapeError(
    `standardise: the statistics are of ${mean.length} features, the samples have ${features}`,
  );
}

/**
 * The data set with each feature at mean 0 and deviation 1: (x - mean) / deviation. A feature is a
 * number of a vector, the last axis of a sequence [time, features], a channel of an image [channels,
 * height, width]. Batches are standardised as they are gathered.
 *
 * @param dataset - With the shapes of its samples. They are all gathered once, for the statistics.
 * @returns The data set, with `mean` and `deviation`: the statistics for all that the model is to see
 * later. They are lists of numbers, which a program keeps beside the model's file as JSON.
 * @throws {@link ArgumentTypeError}, {@link ValueError} for anything but a data set of finite numbers.
 * @example
 * const scaled = await standardise(train);
 * await model.train(scaled, { epochs: 20, validationData: standardise(test, scaled) });
 * const output = model.predict(standardise([[5.9, 3, 4.2, 1.5]], scaled));
 */
export function standardise<Data extends ShapedDataset>(
  dataset: Data,
): Promise<PartOf<Data> & Statistics>;

/**
 * The data set by statistics of another one, as those of the samples trained on.
 *
 * @param statistics - A standardised data set, or the `mean` and `deviation` of one.
 * @throws {@link ShapeError} where these are of another number of features.
 */
export function standardise<Data extends ShapedDataset>(
  dataset: Data,
  statistics: Statistics,
): PartOf<Data> & Statistics;

/**
 * Samples to predict by statistics of those trained on.
 *
 * @param rows - Vectors, a list each.
 * @throws {@link ShapeError} where they are of another number of features.
 */
export function standardise(rows: readonly ArrayLike<number>[], statistics: Statistics): number[][];

export function standardise(
  data: ShapedDataset | readonly ArrayLike<number>[],
  statistics?: Statistics,
): object {
  if (isDataset(data)) {
    const length = shapedCount('standardise', data);
    if (statistics !== undefined) return standardised(data, statistics);
    return statisticsOf(data, length).then((own) => standardised(data, own));
  }
  checkArray('standardise: data', data);
  if (statistics === undefined) {
    throw new ArgumentTypeError('standardise: rows need the statistics of a data set');
  }
  checkStatistics(statistics);
  const { mean, deviation } = statistics;
  return Array.from(data, (row, i) => {
    const numbers = readNumbers(`standardise: rows[${i}]`, row);
    checkFeatures(numbers.length, statistics);
    return Array.from(numbers, (value, k) => {
      if (!Number.isFinite(value)) {
        reject(`standardise: rows[${i}][${k}]`, 'a finite number', value, 'number');
      }
      return (value - (mean[k] as number)) / (deviation[k] as number);
    });
  });
}

function standardised(dataset: ShapedDataset, statistics: Statistics): ShapedDataset & Statistics {
  checkStatistics(statistics);
  const [mean, deviation] = [[...statistics.mean], [...statistics.deviation]];
  const { features, run } = featuresOf(dataset.xShape);
  checkFeatures(features, statistics);
  const gather = async (indices: Uint32Array, x: Float32Array, y: Float32Array): Promise<void> => {
    checkRoom('standardise', 'x', x, indices.length, dataset.xShape);
    await dataset.gather(indices, x, y);
    for (let i = 0; i < x.length; i++) {
      const feature = Math.floor(i / run) % features;
      x[i] = ((x[i] as number) - (mean[feature] as number)) / (deviation[feature] as number);
    }
  };
  return { ...partOf(dataset, wholeNumber('length', dataset.length), gather), mean, deviation };
}
