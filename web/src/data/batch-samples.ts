import { untilAborted } from '../runtime/abort.js';
import { reject } from '../runtime/checks.js';
import { ValueError } from '../runtime/errors.js';
import type { Handle } from '../runtime/handle.js';
import type { NativeModel } from '../runtime/native.js';
import { Tensor, type TensorData } from '../tensor.js';
import type { Samples, Step, TensorSamples } from './samples.js';

/** Samples and their expected outputs, each as `Model.train` takes all of them. */
export interface TrainBatch {
  /** The samples. */
  readonly x: Tensor | TensorData;
  /** Their expected outputs, or class numbers. */
  readonly y: Tensor | TensorData;
}

/** Batches that come at once, or as they are made or loaded. */
export type BatchSequence = Iterable<TrainBatch> | AsyncIterable<TrainBatch>;

/** Batches one after another, or a function that begins them anew, such as that of a generator. */
export type Batches = BatchSequence | (() => BatchSequence);

/** Whether an argument is meant to be batches, and not samples. */
export function isBatches(data: unknown): data is Batches {
  const given = Object(data) as { readonly [index: number]: unknown };
  if (typeof data === 'function' || Symbol.asyncIterator in given) return true;
  if (!(Symbol.iterator in given) || data instanceof Tensor) return false;
  // Of an array, samples are numbers or arrays.
  return !('length' in given) || 'x' in (Object(given[0]) as object);
}

/** The batches, over and over again; with `marked`, undefined behind each pass over them. */
async function* passes(
  batches: Batches,
  marked: boolean,
): AsyncGenerator<TrainBatch | undefined, undefined> {
  for (;;) {
    const sequence = typeof batches === 'function' ? batches() : batches;
    const given = Object(sequence) as object;
    if (!(Symbol.iterator in given || Symbol.asyncIterator in given)) {
      reject('Model.train: batches', 'iterable', sequence);
    }
    let isEmpty = true;
    for await (const batch of sequence as AsyncIterable<TrainBatch>) {
      isEmpty = false;
      yield Object(batch) as TrainBatch;
    }
    if (isEmpty) {
      throw new ValueError(
        'Model.train: there are no batches left; a generator runs once: give its function',
      );
    }
    if (marked) yield undefined;
  }
}

/** Batches that somebody else makes, in the place of the samples of an epoch. */
export class BatchSamples implements Samples {
  /** Batches of an epoch; infinite where it lasts until they end. */
  readonly length: number;
  readonly #passes: AsyncGenerator<TrainBatch | undefined, undefined>;
  readonly #take: (batch: TrainBatch, free: Pick<Tensor, 'dispose'>[]) => TensorSamples;
  readonly #signal: AbortSignal | undefined;
  /** The batch that was asked for before the last one trained. */
  #next: Promise<IteratorResult<TrainBatch | undefined, undefined>> | undefined;
  #last: TensorSamples | undefined;
  readonly #free: Pick<Tensor, 'dispose'>[] = [];

  /**
   * @param take - Copies a batch to tensors, which it adds to a list to free.
   * @param signal - Ends the wait for a batch.
   */
  constructor(
    batches: Batches,
    length: number,
    take: (batch: TrainBatch, free: Pick<Tensor, 'dispose'>[]) => TensorSamples,
    signal: AbortSignal | undefined,
  ) {
    this.length = length;
    this.#passes = passes(batches, length === Infinity);
    this.#take = take;
    this.#signal = signal;
  }

  begin(): void {
    // They come in an order of their own.
  }

  /** A step on the next batch; undefined where the epoch ends before it. */
  async train(model: Handle<NativeModel>): Promise<Step | undefined> {
    const batch = await untilAborted(this.#next ?? this.#passes.next(), this.#signal);
    this.#next = undefined;
    if (!batch.value) return undefined;
    this.#release();
    const last = (this.#last = this.#take(batch.value, this.#free));
    // It may be loaded while this one trains.
    this.#next = this.#passes.next();
    this.#next.catch(() => undefined);
    return { ...last.trainAll(model), rows: last.length };
  }

  nonFinite(): string | undefined {
    return this.#last?.nonFinite();
  }

  /** Frees the last batch, and lets a generator close what it has open. */
  dispose(): void {
    this.#release();
    // Not awaited, since a batch may never come.
    this.#passes.return(undefined).catch(() => undefined);
  }

  #release(): void {
    for (const tensor of this.#free.splice(0)) tensor.dispose();
  }
}
