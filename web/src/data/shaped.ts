import { checkShape } from '../runtime/checks.js';
import { ShapeError } from '../runtime/errors.js';
import { sizeOf } from '../shape.js';
import { type Dataset, sampleCount } from './dataset.js';

/** A data set that knows the shapes of its samples, as all that `lamella/data` makes do. */
export interface ShapedDataset extends Dataset {
  /** Shape of a sample: the `inputShape` of a model. */
  readonly xShape: readonly number[];
  /** Shape of its expected output: the `outputShape` of a model, or [] for a class number. */
  readonly yShape: readonly number[];
}

/** The properties of a data set that hold for its parts, too. */
const keptNames = ['xShape', 'yShape', 'columns', 'classes', 'types', 'mean', 'deviation'] as const;

/** Samples of a data set, with what it says about each of them: shapes, names of columns and classes. */
export type PartOf<Data extends Dataset> = Dataset &
  Pick<Data, Extract<keyof Data, (typeof keptNames)[number]>>;

/** A data set that gathers by a function of its own and says about its samples what `from` says. */
export function partOf<Data extends Dataset>(
  from: Data,
  length: number,
  gather: Dataset['gather'],
): PartOf<Data> {
  const kept = keptNames.filter((name) => name in from);
  const values = kept.map((name) => [name, (from as Record<string, unknown>)[name]]);
  return { ...(Object.fromEntries(values) as PartOf<Data>), length, gather };
}

/**
 * The number of samples of a data set with shapes.
 *
 * @throws {@link ArgumentTypeError} and {@link ValueError} for anything else.
 */
export function shapedCount(call: string, dataset: ShapedDataset): number {
  const length = sampleCount(`${call}: dataset`, dataset);
  for (const name of ['xShape', 'yShape'] as const) {
    checkShape(`${call}: dataset.${name}`, dataset[name]);
  }
  return length;
}

/** Throws unless a batch has room for so many samples of a shape. */
export function checkRoom(
  call: string,
  name: 'x' | 'y',
  batch: Float32Array,
  count: number,
  shape: readonly number[],
): void {
  const size = sizeOf(shape);
  if (batch.length === count * size) return;
  throw new ShapeError(
    `${call}: each sample has ${size} numbers of ${name}, the model takes ${batch.length / count}`,
  );
}

/** The samples `indices` of a data set, in arrays of their own. */
export async function gathered(
  dataset: ShapedDataset,
  indices: Uint32Array,
): Promise<{ readonly x: Float32Array; readonly y: Float32Array }> {
  const x = new Float32Array(indices.length * sizeOf(dataset.xShape));
  const y = new Float32Array(indices.length * sizeOf(dataset.yShape));
  await dataset.gather(indices, x, y);
  return { x, y };
}

/** The numbers from `first` on, as many as asked for, but below `end`. */
export function range(first: number, count: number, end = Infinity): Uint32Array {
  const numbers = new Uint32Array(Math.min(count, end - first));
  for (let i = 0; i < numbers.length; i++) numbers[i] = first + i;
  return numbers;
}
