import { untilAborted } from '../runtime/abort.js';
import { ShapeError, showShape } from '../runtime/errors.js';
import { type Handle, nativeOf } from '../runtime/handle.js';
import type { NativeModel, NativeResult } from '../runtime/native.js';
import { type Shape, sizeOf } from '../shape.js';
import { type Tensor, tensor, tensorFrom } from '../tensor.js';
import { type Dataset, sampleCount } from './dataset.js';

/** Samples and their expected outputs in the engine's memory. */
export interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}

type Model = Handle<NativeModel>;
type Later<Value> = Value | Promise<Value>;

/** The result of a step of training. */
export interface Step extends NativeResult {
  /** Samples of the step, where they are not as many as were asked for. */
  readonly rows?: number;
}

/** The samples of a training or a validation. */
export interface Samples {
  /** Number of samples. */
  readonly length: number;
  /**
   * Says which ones come next, `batchSize` at a time, to those who gather them: others do not ask
   * for the indices.
   */
  begin(indices: () => Uint32Array, batchSize: number): void;
  /** A step of training on the samples [first, first + count) of the epoch's order; undefined where it ends. */
  train(model: Model, first: number, count: number): Later<Step | undefined>;
  /** Name of the one of x and y that holds NaN or infinity, as far as it is known. */
  nonFinite(): string | undefined;
}

/** Samples that a model can be validated on. */
export interface HeldSamples extends Samples {
  /** Loss and accuracy of the samples [first, first + count). */
  evaluate(model: Model, first: number, count: number): Later<NativeResult>;
  /** The samples [first, first + count) as tensors of their own, which the caller frees. */
  take(first: number, count: number): Later<Batch>;
}

/** Whether all numbers are finite: then their sum is, in float64. */
export const isFinite = (numbers: Float32Array): boolean =>
  Number.isFinite(numbers.reduce((sum, value) => sum + value, 0));

const nonFiniteOf = (data: Readonly<Record<string, Float32Array>>): string | undefined =>
  Object.entries(data).find(([, numbers]) => !isFinite(numbers))?.[0];

/** Samples in two tensors, of which the engine gathers batches itself. */
export class TensorSamples implements HeldSamples {
  readonly length: number;
  readonly #x: Tensor;
  readonly #y: Tensor;

  /** @throws {@link ShapeError} unless x and y hold equally many. */
  constructor(what: string, x: Tensor, y: Tensor) {
    this.length = x.shape[0] ?? 0;
    [this.#x, this.#y] = [x, y];
    if (this.length === (y.shape[0] ?? 0) && this.length > 0) return;
    throw new ShapeError(
      `Model.train: ${what} must hold equally many samples, at least one; ` +
        `got ${showShape(x.shape)} and ${showShape(y.shape)}`,
    );
  }

  begin(): void {
    // The engine knows the order.
  }

  train(model: Model, first: number, count: number): NativeResult {
    return nativeOf(model).trainRows(nativeOf(this.#x), nativeOf(this.#y), first, count);
  }

  /** A step on all of them, outside of an epoch's order. */
  trainAll(model: Model): NativeResult {
    return nativeOf(model).trainBatch(nativeOf(this.#x), nativeOf(this.#y));
  }

  evaluate(model: Model, first: number, count: number): NativeResult {
    return nativeOf(model).evaluateRows(nativeOf(this.#x), nativeOf(this.#y), first, count);
  }

  take(first: number, count: number): Batch {
    const rows = (data: Tensor): Tensor => {
      const [, ...sample] = data.shape;
      const size = sizeOf(sample);
      return tensor(data.view().slice(first * size, (first + count) * size), [count, ...sample]);
    };
    return { x: rows(this.#x), y: rows(this.#y) };
  }

  nonFinite(): string | undefined {
    return nonFiniteOf({ x: this.#x.view(), y: this.#y.view() });
  }
}

/** Number of batches that are gathered before their turn, since one may be slow while the next one is quick. */
const ahead = 2;

/** Numbers of a batch, outside of the engine's memory, which may move while they are gathered. */
interface Gathered {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Samples that a data set gathers. */
export class GatheredSamples implements HeldSamples {
  readonly length: number;
  readonly #dataset: Dataset;
  readonly #shapes: { readonly x: Shape; readonly y: Shape };
  readonly #signal: AbortSignal | undefined;
  /** Those that nobody has begun to gather. */
  #indices: Uint32Array = new Uint32Array();
  #batchSize = 0;
  /** Batches that are being gathered, the next one first. */
  #ahead: Promise<Gathered>[] = [];
  /** The batch of the last step. */
  #last: Gathered | undefined;

  /**
   * @param shapes - Of a sample and of its expected output.
   * @param signal - Ends the wait for a batch.
   */
  constructor(
    what: string,
    dataset: Dataset,
    shapes: { readonly x: Shape; readonly y: Shape },
    signal: AbortSignal | undefined,
  ) {
    this.length = sampleCount(what, dataset);
    this.#dataset = dataset;
    this.#shapes = shapes;
    this.#signal = signal;
  }

  begin(indices: () => Uint32Array, batchSize: number): void {
    this.#indices = indices();
    this.#batchSize = batchSize;
    this.#ahead = [];
  }

  async train(model: Model): Promise<NativeResult> {
    return this.#use((x, y) => nativeOf(model).trainNext(nativeOf(x), nativeOf(y)));
  }

  async evaluate(model: Model, _: number, count: number): Promise<NativeResult> {
    return this.#use((x, y) => nativeOf(model).evaluateRows(nativeOf(x), nativeOf(y), 0, count));
  }

  async take(): Promise<Batch> {
    while (this.#ahead.length <= ahead && this.#indices.length > 0) {
      const gathering = this.#gather();
      // Its turn may never come.
      gathering.catch(() => undefined);
      this.#ahead.push(gathering);
    }
    const gathered = await untilAborted(this.#ahead.shift() as Promise<Gathered>, this.#signal);
    this.#last = gathered;
    const made = (name: 'x' | 'y'): Tensor => {
      const shape = this.#shapes[name];
      const count = gathered[name].length / sizeOf(shape);
      return tensorFrom(`Dataset.gather: ${name}`, gathered[name], [count, ...shape]);
    };
    return { x: made('x'), y: made('y') };
  }

  nonFinite(): string | undefined {
    return this.#last && nonFiniteOf({ ...this.#last });
  }

  async #use(body: (x: Tensor, y: Tensor) => NativeResult): Promise<NativeResult> {
    const { x, y } = await this.take();
    try {
      return body(x, y);
    } finally {
      x.dispose();
      y.dispose();
    }
  }

  async #gather(): Promise<Gathered> {
    const indices = this.#indices.slice(0, this.#batchSize);
    this.#indices = this.#indices.subarray(indices.length);
    const numbers = (shape: Shape) => new Float32Array(indices.length * sizeOf(shape));
    const gathered = { x: numbers(this.#shapes.x), y: numbers(this.#shapes.y) };
    await this.#dataset.gather(indices, gathered.x, gathered.y);
    return gathered;
  }
}
