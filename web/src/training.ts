import { BatchSamples } from './data/batch-samples.js';
import { type HeldSamples, isFinite, type Samples, type Step } from './data/samples.js';
import type { Layer } from './layers/layer.js';
import { eachTensor, rememberNumbers } from './layers/numbers.js';
import type { Loss } from './losses.js';
import type { Optimizer } from './optimizers.js';
import { untilAborted } from './runtime/abort.js';
import { ValueError } from './runtime/errors.js';
import { type Handle, nativeOf } from './runtime/handle.js';
import type { NativeModel } from './runtime/native.js';
import { yielder } from './runtime/yield.js';
import type { Shape } from './shape.js';
import type { EpochResult, Evaluation, TrainOptions } from './train-options.js';
import { type Evaluated, type Held, Mean, tryMetrics, validate } from './validation.js';

/** The epoch that early stopping compares with. */
export interface BestEpoch {
  readonly loss: number;
  /** Epochs finished since. */
  readonly age: number;
}

/** A model, as far as training knows it. */
export interface TrainedModel extends Handle<NativeModel> {
  readonly layers: readonly Layer[];
  readonly optimizer: Optimizer | undefined;
  readonly loss: Loss | undefined;
  readonly outputShape: Shape;
  best: BestEpoch | undefined;
}

/** Number of samples trained on among `rows`; the others validate. */
function trainingRows(rows: number, split: number): number {
  // Of batches, whose number is not known, none is held.
  const held = split && Math.floor(rows * split);
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
  validation: HeldSamples | undefined,
  options: TrainOptions,
): Promise<EpochResult[]> {
  const { epochs = 1, patience = Infinity } = options;
  // Batches come as they are, and the engine keeps no order of them.
  const isOrdered = !(training instanceof BatchSamples);
  const batchSize = isOrdered ? (options.batchSize ?? 64) : 1;
  const { shuffle = true, validationSplit = 0, resume = false, signal, onBatch, onEpoch } = options;
  const { schedule, metrics = [], restoreBest = false, onNonFinite = 'error' } = options;
  const rows = trainingRows(training.length, validationSplit);
  const held: Held = validation
    ? { samples: validation, first: 0, end: validation.length }
    : { samples: training as HeldSamples, first: rows, end: training.length };
  const yieldIfDue = yielder();
  const pause = async (): Promise<void> => {
    await yieldIfDue();
    signal?.throwIfAborted();
  };
  const results: EpochResult[] = [];
  if (metrics.length > 0 && held.first === held.end) {
    throw new ValueError('Model.train: metrics need validationData or a validationSplit');
  }
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
  // Not before: what is wrong in the weights does not come from the samples that metrics see.
  if (metrics.length > 0) await tryMetrics(metrics, model, held);
  const order = (start: number) => () => nativeOf(model).order().slice(start);

  for (let epoch = 1; epoch <= epochs; epoch++) {
    signal?.throwIfAborted();
    const begin = performance.now();
    const mean = new Mean();
    const stopped = epoch === 1 && resume ? stoppedAt(nativeOf(model), rows) : undefined;
    const progress = nativeOf(model).progress();
    if (stopped === undefined) nativeOf(model).beginEpoch(isOrdered ? rows : 0, shuffle);
    const start = stopped ?? 0;
    // The batches before may have had another size.
    let batch = Math.ceil(start / batchSize);
    const batches = batch + Math.ceil((rows - start) / batchSize);
    for (let first = start; first < rows; first += batchSize) {
      const count = Math.min(batchSize, rows - first);
      if (schedule) optimizer.learningRate = schedule.rate(nativeOf(optimizer).steps());
      let result: Step | undefined;
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
      if (!result) break;
      batch++;
      if (epoch === 1) model.best = known;
      if (!result.finite) checkFinite(epoch, batch, 'x');
      if (!Number.isFinite(result.loss)) checkFinite(epoch, batch, 'the loss');
      mean.add(result, result.rows ?? count);
      const told = onBatch?.({ epoch, batch, batches, ...toEvaluation(result) });
      await untilAborted(told, signal);
      await pause();
    }
    checkFinite(epoch, batch);
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
      samplesPerSecond: mean.rows / trainingSeconds,
    };
    results.push(result);
    await untilAborted(onEpoch?.(result), signal);
    if (epoch - best.epoch >= patience) break;
  }
  if (restoreBest && best.epoch !== results.length) best.restore();
  return results;
}
