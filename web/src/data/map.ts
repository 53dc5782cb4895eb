import { checkOptions, checkShape, isFunction, wholeNumber } from '../runtime/checks.js';
import { ShapeError } from '../runtime/errors.js';
import { sizeOf } from '../shape.js';
import { readNumbers } from './numbers.js';
import { checkRoom, gathered, range, shapedCount, type ShapedDataset } from './shaped.js';

/** A sample and its expected output, each row-major. */
export interface Sample {
  /** The numbers of the sample. */
  readonly x: ArrayLike<number>;
  /** Those of its expected output. */
  readonly y: ArrayLike<number>;
}

/** A sample that may be changed in its place. */
export interface OwnSample {
  /** The numbers of the sample. */
  readonly x: Float32Array;
  /** Those of its expected output. */
  readonly y: Float32Array;
}

/** Samples and their expected outputs, one after another. */
export interface GatheredBatch extends OwnSample {
  /** Number of samples. */
  readonly count: number;
}

/** The shapes that samples have after {@link map}. */
export interface MapOptions {
  /** Shape of a sample. Default: as before. */
  readonly xShape?: readonly number[] | undefined;
  /** Shape of an expected output. Default: as before. */
  readonly yShape?: readonly number[] | undefined;
}

/** A data set with the names of the classes of another one. */
export type Mapped<Data extends ShapedDataset> = ShapedDataset &
  Pick<Data, Extract<keyof Data, 'classes'>>;

/**
 * Each sample as a function makes it, when it is gathered: in every epoch anew.
 *
 * @param dataset - With the shapes of its samples; one of your own says `xShape` and `yShape`.
 * @param change - Takes a sample in arrays of its own, which it may write to, and returns it or
 * another one, or a promise. What it throws ends the training.
 * @param options - The shapes of what it returns, where they are others.
 * @throws {@link ArgumentTypeError}, {@link ValueError} for anything else; `gather` throws
 * {@link ShapeError} for a sample that is not of these shapes.
 * @example const both = map(data, ({ x, y }) => ({ x: [x[0] + x[1]], y }), { xShape: [1] });
 */
export function map<Data extends ShapedDataset>(
  dataset: Data,
  change: (sample: OwnSample) => Sample | Promise<Sample>,
  options: MapOptions = {},
): Mapped<Data> {
  const length = shapedCount('map', dataset);
  isFunction('map: change', change);
  const own = checkOptions('map', options, { xShape: checkShape, yShape: checkShape });
  const { xShape = dataset.xShape, yShape = dataset.yShape } = own;
  const shapes = { x: xShape, y: yShape };
  const gather = async (indices: Uint32Array, x: Float32Array, y: Float32Array): Promise<void> => {
    const rooms = { x, y };
    for (const name of ['x', 'y'] as const) {
      checkRoom('map', name, rooms[name], indices.length, shapes[name]);
    }
    const before = await gathered(dataset, indices);
    const sizes = { x: sizeOf(dataset.xShape), y: sizeOf(dataset.yShape) };
    const row = (name: 'x' | 'y', i: number): Float32Array =>
      before[name].subarray(i * sizes[name], (i + 1) * sizes[name]);
    const samples = Array.from(indices, async (_, i) => change({ x: row('x', i), y: row('y', i) }));
    for (const [i, sample] of (await Promise.all(samples)).entries()) {
      for (const name of ['x', 'y'] as const) {
        const numbers = readNumbers(`map: ${name}`, (Object(sample) as Partial<Sample>)[name]);
        const size = sizeOf(shapes[name]);
        if (numbers.length !== size) {
          throw new ShapeError(
            `map: ${name} of a sample must have ${size} numbers, got ${numbers.length}`,
          );
        }
        rooms[name].set(numbers, i * size);
      }
    }
  };
  const kept = 'classes' in dataset ? { classes: dataset.classes } : {};
  return { ...(kept as Mapped<Data>), xShape, yShape, length, gather };
}

/**
 * The samples in their order, a batch at a time, for a loop of one's own; the next batch is gathered
 * while the loop's body waits. `Model.train` makes batches itself.
 *
 * @param dataset - With the shapes of its samples.
 * @param size - Samples of a batch. Default 64; the last one may have fewer.
 * @returns Numbers, row-major, and how many samples they are.
 * @throws {@link ArgumentTypeError}, {@link ValueError} for anything else, and what `gather` throws.
 * @example
 * for await (const { x, y, count } of batches(data, 32)) {
 *   model.trainBatch(tensor(x, [count, ...data.xShape]), tensor(y, [count, ...data.yShape]));
 * }
 */
export function batches(dataset: ShapedDataset, size = 64): AsyncGenerator<GatheredBatch, void> {
  const length = shapedCount('batches', dataset);
  wholeNumber('batches: size', size);
  const gather = async (first: number) => {
    const indices = range(first, size, length);
    return { ...(await gathered(dataset, indices)), count: indices.length };
  };
  async function* all(): AsyncGenerator<GatheredBatch, void> {
    let next = gather(0);
    for (let first = size; first < length + size; first += size) {
      const batch = await next;
      if (first < length) {
        next = gather(first);
        // Its turn may never come.
        next.catch(() => undefined);
      }
      yield batch;
    }
  }
  return all();
}
