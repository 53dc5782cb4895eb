import { checkBoolean, checkOptions, reject, wholeNumber } from '../runtime/checks.js';
import { ValueError } from '../runtime/errors.js';
import { type Dataset, sampleCount } from './dataset.js';
import { type PartOf, partOf, range } from './shaped.js';

/** The bits of a number spread over all 32 of them: the finaliser of MurmurHash3 (A. Appleby, 2011). */
function spread(value: number): number {
  let bits = value >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** The numbers below `length` in an order that follows from the seed (Fisher and Yates). */
function permutation(length: number, seed: number): Uint32Array {
  const order = range(0, length);
  const key = spread(seed ^ spread(seed / 2 ** 32));
  for (let i = length - 1; i > 0; i--) {
    // Steps of 2^32 by the golden ratio: no two of them have the same bits.
    const drawn = spread(key + Math.imul(i, 0x9e3779b9));
    const j = Math.floor((drawn / 2 ** 32) * (i + 1));
    const other = order[j] as number;
    order[j] = order[i] as number;
    order[i] = other;
  }
  return order;
}

/** The samples `order` of a data set, gathered from there. */
function select<Data extends Dataset>(dataset: Data, order: Uint32Array): PartOf<Data> {
  return partOf(dataset, order.length, (indices, x, y) => {
    const chosen = indices.map((index) => {
      const own = order[index];
      if (own !== undefined) return own;
      throw new ValueError(`Dataset: there is no sample ${index} among ${order.length}`);
    });
    return dataset.gather(chosen, x, y);
  });
}

/**
 * The same samples in an order drawn once, by the seed: one seed, one order. `Model.train` draws
 * another one each epoch in any case; this one is for what takes a part of them.
 *
 * @param dataset - Any data set; four bytes a sample are kept.
 * @param seed - A whole number. Default 0.
 * @throws {@link ArgumentTypeError}, {@link ValueError} for anything else.
 * @example const some = take(shuffle(data, 7), 1000);
 */
export function shuffle<Data extends Dataset>(dataset: Data, seed = 0): PartOf<Data> {
  const length = sampleCount('shuffle: dataset', dataset);
  return select(dataset, permutation(length, wholeNumber('shuffle: seed', seed, 0)));
}

/**
 * The first samples of a data set, or all of them where there are fewer.
 *
 * @param count - How many; at least 1.
 * @throws {@link ArgumentTypeError}, {@link ValueError} for anything else.
 */
export function take<Data extends Dataset>(dataset: Data, count: number): PartOf<Data> {
  const length = sampleCount('take: dataset', dataset);
  return select(dataset, range(0, wholeNumber('take: count', count), length));
}

/** Options of {@link split}. */
export interface SplitOptions {
  /** Whether the parts hold samples drawn by the seed, and not the first and the last ones. Default true. */
  readonly shuffle?: boolean | undefined;
  /** A whole number, from which the parts follow. Default 0. */
  readonly seed?: number | undefined;
}

/**
 * Two parts of a data set: one to train on and one to test on. Samples are drawn, since a table is
 * often sorted by its classes; a series in time wants `shuffle: false`.
 *
 * @param dataset - Any data set; four bytes a sample are kept.
 * @param fraction - Of the first part, above 0 and below 1; its number of samples is rounded, and
 * each part has one at least.
 * @throws {@link ValueError} for a data set of one sample, and for options that make no sense.
 * @example const [train, test] = split(data, 0.8, { seed: 3 });
 */
export function split<Data extends Dataset>(
  dataset: Data,
  fraction: number,
  options: SplitOptions = {},
): [PartOf<Data>, PartOf<Data>] {
  const length = sampleCount('split: dataset', dataset);
  if (!(typeof fraction === 'number' && fraction > 0 && fraction < 1)) {
    reject('split: fraction', 'above 0 and below 1', fraction, 'number');
  }
  const checks = {
    shuffle: checkBoolean,
    seed: (what: string, value: unknown) => wholeNumber(what, value, 0),
  };
  const { shuffle: isDrawn = true, seed = 0 } = checkOptions('split', options, checks);
  if (length < 2) throw new ValueError('split: a data set of 1 sample has no two parts');
  const count = Math.min(Math.max(Math.round(length * fraction), 1), length - 1);
  const order = isDrawn ? permutation(length, seed) : range(0, length);
  return [select(dataset, order.subarray(0, count)), select(dataset, order.subarray(count))];
}
