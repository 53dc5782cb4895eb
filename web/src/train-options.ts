import { type Dataset, isDataset } from './data/dataset.js';
import { readNumbers } from './data/numbers.js';
import type { Metric } from './metrics.js';
import {
  type Check,
  checkBoolean,
  checkOptions,
  having,
  isFunction,
  isPlain,
  rate,
  reject,
  wholeNumber,
} from './runtime/checks.js';
import { ValueError } from './runtime/errors.js';
import type { Schedule } from './schedules.js';
import type { Tensor, TensorData } from './tensor.js';

/** Loss and, where the loss is about classes, the fraction of right predictions. */
export interface Evaluation {
  /** Mean over the samples. */
  readonly loss: number;
  /** Fraction of right predictions, from 0 to 1; absent for a loss that is not about classes. */
  readonly accuracy?: number;
  /** The metrics asked for, by name. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** Options of {@link Model.evaluate}. */
export interface EvaluateOptions {
  /** Samples of a pass. Default 256. */
  readonly batchSize?: number | undefined;
  /** Metrics to compute as well, over the predictions. */
  readonly metrics?: readonly Metric[] | undefined;
}

/** The progress that `onBatch` gets after each step. */
export interface BatchProgress {
  /** From 1. */
  readonly epoch: number;
  /** From 1. */
  readonly batch: number;
  /** Steps of an epoch; Infinity while that is not known. */
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

/** Options of {@link Model.train}. */
export interface TrainOptions {
  /** Passes over the data. Default 1. */
  readonly epochs?: number | undefined;
  /** Samples per step. Default 64. */
  readonly batchSize?: number | undefined;
  /**
   * Steps of an epoch over batches, which go on from one epoch to the next and begin anew when they
   * end. Default: an epoch lasts until they end.
   */
  readonly stepsPerEpoch?: number | undefined;
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

/** A check for each option of a training, here or in a worker, where metrics and schedules are data. */
export const trainChecks = {
  epochs: wholeNumber,
  batchSize: wholeNumber,
  shuffle: checkBoolean,
  validationSplit: checkSplit,
  validationData: (what: string, value: unknown) => {
    // One with x and y may have more in it.
    if (!isDataset(value) && !isPlain(value)) reject(what, '{ x, y } or a Dataset', value);
  },
  classWeights: (what: string, value: unknown) => {
    for (const [i, weight] of Array.from(readNumbers(what, value)).entries()) {
      rate(`${what}[${i}]`, weight);
    }
  },
  patience: checkPatience,
  restoreBest: checkBoolean,
  onBatch: isFunction,
  onEpoch: isFunction,
  onNonFinite: checkReaction,
  resume: checkBoolean,
  signal: /* @__PURE__ */ having(
    'an AbortSignal',
    'throwIfAborted',
    'addEventListener',
    'removeEventListener',
  ),
} satisfies {
  readonly [
    Name in keyof Omit<Required<TrainOptions>, 'schedule' | 'metrics' | 'stepsPerEpoch'>
  ]: Check;
};

/**
 * A copy of the options of a training, checked before anything happens.
 * @param call - What errors call it: "Model.train".
 */
export function checkTrainOptions<
  Options extends Pick<TrainOptions, 'validationSplit'> & { readonly validationData?: unknown },
>(
  call: string,
  options: Options,
  checks: { readonly [Name in keyof Required<Options>]: Check },
): Options {
  const own = checkOptions<Options>(call, options, checks);
  if (own.validationData && own.validationSplit !== undefined) {
    throw new ValueError(`${call}: takes validationData or a validationSplit, not both`);
  }
  return own;
}
