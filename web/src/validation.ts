import type { HeldSamples } from './data/samples.js';
import type { Loss } from './losses.js';
import { computeAll, type Metric } from './metrics.js';
import { type Handle, nativeOf } from './runtime/handle.js';
import type { NativeModel, NativeResult } from './runtime/native.js';
import { type Shape, sizeOf } from './shape.js';
import { Tensor, zeros } from './tensor.js';

/** Rows per step of a validation: large enough that packing pays, small enough to yield between. */
const validationBatch = 128;

/** Loss and accuracy as the engine gives them. */
export type Evaluated = Omit<NativeResult, 'finite'>;

/** Mean of batch results, weighted by their rows. */
export class Mean {
  #rows = 0;
  #loss = 0;
  #accuracy = 0;

  add({ loss, accuracy }: Evaluated, rows: number): void {
    this.#rows += rows;
    this.#loss += loss * rows;
    this.#accuracy += accuracy * rows;
  }

  /** Rows so far. */
  get rows(): number {
    return this.#rows;
  }

  get loss(): number {
    return this.#loss / this.#rows;
  }

  get accuracy(): number {
    return this.#accuracy / this.#rows;
  }
}

/** The samples [first, end) to validate on. */
export interface Held {
  readonly samples: HeldSamples;
  readonly first: number;
  readonly end: number;
}

/** The model that is validated. */
interface Validated extends Handle<NativeModel> {
  readonly outputShape: Shape;
  readonly loss: Loss | undefined;
}

/** Says that a validation takes the samples [first, first + count) next. */
function begin({ samples }: Held, first: number, count: number, batchSize = validationBatch): void {
  // A loop, since Uint32Array.from takes seven times as long.
  const indices = (): Uint32Array => {
    const all = new Uint32Array(count);
    for (let i = 0; i < count; i++) all[i] = first + i;
    return all;
  };
  samples.begin(indices, batchSize);
}

/**
 * Throws what a metric throws that does not fit: before the first step, not after the first epoch.
 * Predictions of the first batch are zeros, which metrics fit or not.
 */
export async function tryMetrics(
  metrics: readonly Metric[],
  model: Validated,
  held: Held,
): Promise<void> {
  const count = Math.min(validationBatch, held.end - held.first);
  begin(held, held.first, count);
  const { x, y } = await held.samples.take(held.first, count);
  const predicted = zeros([count, ...model.outputShape]);
  try {
    computeAll(metrics, predicted, y, model.loss);
  } finally {
    for (const each of [x, y, predicted]) each.dispose();
  }
}

/** Loss, accuracy and metrics over the samples held back, with a pause after each batch. */
export async function validate(
  model: Validated,
  held: Held,
  metrics: readonly Metric[],
  pause: () => Promise<void>,
  batchSize = validationBatch,
): Promise<{ mean: Mean; computed: Record<string, number> | undefined }> {
  const mean = new Mean();
  const { samples, first, end } = held;
  const free: Tensor[] = [];
  const keep = (tensor: Tensor): Tensor => {
    free.push(tensor);
    return tensor;
  };
  /** All predictions and all expected outputs, which metrics are computed of. */
  let all: { predicted: Tensor; expected: Tensor } | undefined;
  begin(held, first, end - first, batchSize);
  try {
    for (let at = first; at < end; at += batchSize) {
      const count = Math.min(batchSize, end - at);
      if (metrics.length === 0) {
        mean.add(await samples.evaluate(model, at, count), count);
        await pause();
        continue;
      }
      const { x, y } = await samples.take(at, count);
      free.push(x, y);
      mean.add(nativeOf(model).evaluateRows(nativeOf(x), nativeOf(y), 0, count), count);
      const predicted = keep(new Tensor(nativeOf(model).predict(nativeOf(x), count)));
      const room = ({ shape }: Tensor): Tensor => keep(zeros([end - first, ...shape.slice(1)]));
      all ??= { predicted: room(predicted), expected: room(y) };
      for (const [whole, part] of [
        [all.predicted, predicted],
        [all.expected, y],
      ] as const) {
        whole.view().set(part.view(), (at - first) * sizeOf(part.shape.slice(1)));
      }
      for (const each of [x, y, predicted]) each.dispose();
      await pause();
    }
    return { mean, computed: all && computeAll(metrics, all.predicted, all.expected, model.loss) };
  } finally {
    for (const each of free) each.dispose();
  }
}
