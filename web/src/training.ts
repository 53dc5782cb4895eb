import { type Dataset, isDataset } from './data/dataset.js';
import { isFinite, type Samples } from './data/samples.js';
import type { Layer } from './layers/layer.js';
import { eachTensor, rememberNumbers } from './layers/numbers.js';
import { checkMetrics, type Metric } from './metrics.js';
import type { Optimizer } from './optimizers.js';
import { untilAborted } from './runtime/abort.js';
import {
  type Check,
  checkBoolean,
  checkOptions,
  having,
  optionsOf,
  rate,
  reject,
  wholeNumber,
} from './runtime/checks.js';
import { ValueError } from './runtime/errors.js';
import { type Handle, nativeOf } from './runtime/handle.js';
import type { NativeModel, NativeResult } from './runtime/native.js';
import { yielder } from './runtime/yield.js';
import { isSchedule, type Schedule } from './schedules.js';
import { readNumbers, type Shape, type Tensor, type TensorData } from './tensor.js';
import { type Evaluated, type Held, Mean, tryMetrics, validate } from './validation.js';

/** Loss and, where the loss is about classes, the fraction of right predictions. */
export interface Evaluation {
  /** Mean over the samples. */
  readonly loss: number;
  /** Fraction of right predictions, from 0 to 1; absent for a loss that is not about classes. */
  readonly accuracy?: number;
  /** The metrics asked for, by name. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** The progress that `onBatch` gets after each step. */
export interface BatchProgress {
  /** From 1. */
  readonly epoch: number;
  /** From 1. */
  readonly batch: number;
  /** Steps of an epoch. */
  readonly batches: number;
  /** Of this batch, before its update. */
  readonly loss: number;
  /** Of this batch; absent for a loss that is not about classes. */
  readonly accuracy?: number;
}

/** The result of an epoch. */
export interface EpochResult {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the epoch's samples, each before the update of its batch. */
  readonly loss: number;
  /** Fraction of right predictions, as `loss`; absent for a loss that is not about classes. */
  readonly accuracy?: number;
  /** Mean over the samples validated on, after the epoch; absent without validation. */
  readonly validationLoss?: number;
  /** Fraction of right predictions among them, where the loss is about classes. */
  readonly validationAccuracy?: number;
  /** The metrics asked for, by name, over the samples validated on. */
  readonly metrics?: Readonly<Record<string, number>>;
  /**
   * Whether no epoch before had as low a validation loss (or, without
   * validation, loss): the time to save the model.
   */
  readonly best: boolean;
  /** Duration with validation, in seconds. */
  readonly seconds: number;
  /** Training speed, without validation. */
  readonly samplesPerSecond: number;
}

/** The epoch that early stopping compares with. */
export interface BestEpoch {
  readonly loss: number;
  /** Epochs finished since. */
  readonly age: number;
}

/** Options of {@link Model.train}. */
export interface TrainOptions {
  /** Passes over the data. Default 1. */
  readonly epochs?: number | undefined;
  /** Samples per step. Default 64. */
  readonly batchSize?: number | undefined;
  /** Whether each epoch takes the samples in another order, by the seed. Default true. */
  readonly shuffle?: boolean | undefined;
  /** Fraction of the samples, taken from the end, to validate on instead. Default 0. */
  readonly validationSplit?: number | undefined;
  /** Samples to validate on after each epoch, instead of a split. */
  readonly validationData?:
    | Dataset
    | {
        /** Samples, as those trained on. */
        readonly x: Tensor | TensorData;
        /** Their expected outputs. */
        readonly y: Tensor | TensorData;
      }
    | undefined;
  /** Learning rate by the optimizer's number of steps, instead of its own. */
  readonly schedule?: Schedule | undefined;
  /**
   * The share of a sample in the loss is multiplied by its class's weight, one for
   * each class, at least 0 (for BinaryCrossEntropy: of no and of yes). The mean
   * stays that over the number of samples. Validation has no weights.
   */
  readonly classWeights?: readonly number[] | undefined;
  /** Metrics to compute after each epoch over the samples validated on. */
  readonly metrics?: readonly Metric[] | undefined;
  /**
   * Stops when for so many epochs none was the {@link EpochResult.best} one.
   * With `resume`, those before it count, also from a checkpoint.
   */
  readonly patience?: number | undefined;
  /**
   * Whether parameters and layer states end as after the best epoch, and not as
   * after the last, if that epoch is one of this call. An aborted training leaves
   * those of its last step. Default false.
   */
  readonly restoreBest?: boolean | undefined;
  /**
   * Called after each step; a promise is awaited. What it throws or rejects with ends the training,
   * and `train` rejects with that.
   */
  readonly onBatch?: ((progress: BatchProgress) => unknown) | undefined;
  /** Called after each epoch, as `onBatch` after each step. */
  readonly onEpoch?: ((result: EpochResult) => void | Promise<void>) | undefined;
  /**
   * Says what follows when the loss of a step or, after an epoch, a parameter is NaN or infinite:
   * 'error' (the default) ends the training with a {@link ValueError} that names epoch, batch and
   * where it is: in the data, in the first such layer, or in the loss alone. 'continue' goes on.
   */
  readonly onNonFinite?: 'error' | 'continue' | undefined;
  /**
   * Continues the epoch that an abort stopped, also in a model loaded from a
   * checkpoint, instead of beginning a new one; it counts as the first of
   * `epochs`. It takes its samples in the order it had, so that the weights end
   * as if nothing had happened. When the last epoch was finished, only the
   * {@link EpochResult.best} one is taken over. Default false.
   */
  readonly resume?: boolean | undefined;
  /** Stops the training within one batch; `train` then throws its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Throws unless a value is one of 'error' and 'continue'. */
function checkReaction(what: string, value: unknown): void {
  if (value === 'error' || value === 'continue') return;
  reject(what, "'error' or 'continue'", value, 'string');
}

function checkPatience(what: string, value: unknown): void {
  if (value !== Infinity) wholeNumber(what, value);
}

function checkSplit(what: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0 && value < 1) return;
  reject(what, 'in [0, 1)', value, 'number');
}

const isFunction = /* @__PURE__ */ having('a function', 'call');

/** A check for each option of `Model.train`. */
const checks = {
  epochs: wholeNumber,
  batchSize: wholeNumber,
  shuffle: checkBoolean,
  validationSplit: checkSplit,
  validationData: (what: string, value: unknown) => {
    // One with x and y may have more in it.
    if (!isDataset(value)) optionsOf(what, value, 'x');
  },
  schedule: isSchedule,
  classWeights: (what: string, value: unknown) => {
    for (const [i, weight] of Array.from(readNumbers(what, value)).entries()) {
      rate(`${what}[${i}]`, weight);
    }
  },
  metrics: checkMetrics,
  patience: checkPatience,
  restoreBest: checkBoolean,
  onBatch: isFunction,
  onEpoch: isFunction,
  onNonFinite: checkReaction,
  resume: checkBoolean,
  signal: /* @__PURE__ */ having('an AbortSignal', 'throwIfAborted'),
} satisfies { readonly [Name in keyof Required<TrainOptions>]: Check };

/** The options of a training, checked before anything happens. */
export function checkTrainOptions(options: TrainOptions): TrainOptions {
  const own = checkOptions<TrainOptions>('Model.train', options, checks);
  if (own.validationData && own.validationSplit !== undefined) {
    throw new ValueError('Model.train: takes validationData or a validationSplit, not both');
  }
  return own;
}

/** A model, as far as training knows it. */
export interface TrainedModel extends Handle<NativeModel> {
  readonly layers: readonly Layer[];
  readonly optimizer: Optimizer | undefined;
  readonly outputShape: Shape;
  best: BestEpoch | undefined;
}

/** Number of samples trained on among `rows`; the others validate. */
function trainingRows(rows: number, split: number): number {
  const held = Math.floor(rows * split);
  if (held === rows) {
    throw new ValueError(`Model.train: validationSplit ${split} leaves none of ${rows} samples`);
  }
  return rows - held;
}

/** The place in its epoch of `rows` samples at which the model was stopped, unless it finished that. */
function stoppedAt(model: NativeModel, rows: number): number | undefined {
  const { samples: known, position } = model.progress();
  if (position === known) return undefined;
  if (known === rows) return position;
  throw new ValueError(
    `Model.train: resume: the epoch to continue has ${known} samples, got ${rows}`,
  );
}

/** A result's optional accuracy under a name, absent when it is NaN. */
function optional<Name extends string>(name: Name, value: number): Partial<Record<Name, number>> {
  return Number.isNaN(value) ? {} : ({ [name]: value } as Partial<Record<Name, number>>);
}

/** Turns the engine's NaN for "no accuracy" into an absent property. */
export function toEvaluation({ loss, accuracy }: Evaluated): Evaluation {
  return { loss, ...optional('accuracy', accuracy) };
}

/** Name of the first parameter or state that is not finite, with its layer. */
function nonFiniteNumbers(layers: readonly Layer[]): string | undefined {
  let found: string | undefined;
  layers.forEach((layer, i) => {
    if (found !== undefined) return;
    eachTensor(layer, (name, tensor) => {
      if (!isFinite(tensor.view())) found ??= `${name} of layer ${i} (${layer.type})`;
    });
  });
  return found;
}

/**
 * The loop behind {@link Model.train}. It asks for the native model before each step: a model that
 * was disposed of in between is an error, no crash.
 */
export async function runTraining(
  model: TrainedModel,
  training: Samples,
  validation: Samples | undefined,
  options: TrainOptions,
): Promise<EpochResult[]> {
  const { epochs = 1, batchSize = 64, patience = Infinity } = options;
  const { shuffle = true, validationSplit = 0, resume = false, signal, onBatch, onEpoch } = options;
  const { schedule, metrics = [], restoreBest = false, onNonFinite = 'error' } = options;
  const rows = trainingRows(training.length, validationSplit);
  const held: Held = validation
    ? { samples: validation, first: 0, end: validation.length }
    : { samples: training, first: rows, end: training.length };
  const yieldIfDue = yielder();
  const pause = async (): Promise<void> => {
    await yieldIfDue();
    signal?.throwIfAborted();
  };
  const results: EpochResult[] = [];
  if (metrics.length > 0 && held.first === held.end) {
    throw new ValueError('Model.train: metrics need validationData or a validationSplit');
  }
  if (metrics.length > 0) await tryMetrics(metrics, model, held);
  const { layers } = model;
  const optimizer = model.optimizer as Optimizer;
  const unscheduled = schedule && optimizer.learningRate;
  const known = resume ? model.best : undefined;
  let best = {
    loss: known?.loss ?? Infinity,
    epoch: -(known?.age ?? 0),
    restore: (): void => undefined,
  };

  /** Throws for NaN and infinity in weights, or, if that is known, elsewhere: in the data first. */
  const checkFinite = (epoch: number, batch: number, known?: string): void => {
    if (onNonFinite === 'continue') return;
    const place = nonFiniteNumbers(layers) ?? known;
    if (place === undefined) return;
    throw new ValueError(
      `Model.train: epoch ${epoch}, batch ${batch}: NaN or infinity in ` +
        `${training.nonFinite() ?? place}; try a lower learning rate or clipNorm, or onNonFinite: 'continue'`,
    );
  };
  checkFinite(1, 1);
  const order = (start: number) => () => nativeOf(model).order().slice(start);

  for (let epoch = 1; epoch <= epochs; epoch++) {
    signal?.throwIfAborted();
    const begin = performance.now();
    const mean = new Mean();
    const stopped = epoch === 1 && resume ? stoppedAt(nativeOf(model), rows) : undefined;
    const progress = nativeOf(model).progress();
    if (stopped === undefined) nativeOf(model).beginEpoch(rows, shuffle);
    const start = stopped ?? 0;
    // The batches before may have had another size.
    let batch = Math.ceil(start / batchSize);
    const batches = batch + Math.ceil((rows - start) / batchSize);
    for (let first = start; first < rows; first += batchSize) {
      batch++;
      const count = Math.min(batchSize, rows - first);
      if (schedule) optimizer.learningRate = schedule.rate(nativeOf(optimizer).steps());
      let result: NativeResult;
      try {
        if (first === start) training.begin(order(start), batchSize);
        const step = training.train(model, first, count);
        result = step instanceof Promise ? await step : step;
      } catch (error) {
        // Without a step nothing has begun.
        const isFirst = epoch === 1 && first === start && !optimizer.disposed;
        if (isFirst && unscheduled !== undefined) optimizer.learningRate = unscheduled;
        if (first === 0 && !model.disposed) nativeOf(model).restoreProgress(progress);
        throw error;
      }
      if (epoch === 1) model.best = known;
      if (!result.finite) checkFinite(epoch, batch, 'x');
      if (!Number.isFinite(result.loss)) checkFinite(epoch, batch, 'the loss');
      mean.add(result, count);
      const told = onBatch?.({ epoch, batch, batches, ...toEvaluation(result) });
      await untilAborted(told, signal);
      await pause();
    }
    checkFinite(epoch, batches);
    const trainingSeconds = (performance.now() - begin) / 1000;

    const { mean: heldMean, computed } = await validate(model, held, metrics, pause);
    const judged = held.first < held.end ? heldMean.loss : mean.loss;
    const isBest = judged < best.loss;
    if (isBest) {
      best = { loss: judged, epoch, restore: restoreBest ? rememberNumbers(layers) : best.restore };
    }
    // Without one (all losses were NaN), there is nothing to compare with.
    if (best.loss < Infinity) model.best = { loss: best.loss, age: epoch - best.epoch };
    const result: EpochResult = {
      epoch,
      ...toEvaluation(mean),
      // As it is, be it NaN.
      ...(held.first < held.end && { validationLoss: heldMean.loss }),
      ...optional('validationAccuracy', heldMean.accuracy),
      ...(computed && { metrics: computed }),
      best: isBest,
      seconds: (performance.now() - begin) / 1000,
      samplesPerSecond: rows / trainingSeconds,
    };
    results.push(result);
    await untilAborted(onEpoch?.(result), signal);
    if (epoch - best.epoch >= patience) break;
  }
  if (restoreBest && best.epoch !== results.length) best.restore();
  return results;
}
