import type { Shape } from '../shape.js';
import { Tensor, tensor, type TensorData } from '../tensor.js';
import type { TrainOptions } from '../train-options.js';
import { type Batches, BatchSamples, isBatches, type TrainBatch } from './batch-samples.js';
import { type Dataset, isDataset } from './dataset.js';
import { GatheredSamples, type HeldSamples, type Samples, TensorSamples } from './samples.js';
import { takeData } from './take.js';

/** Shapes of a sample and of its expected output. */
export interface SampleShapes {
  readonly x: Shape;
  readonly y: Shape;
}

/** Tensors and samples that are freed when a training has ended. */
type Disposable = Pick<Tensor, 'dispose'>;

function taken(
  what: string,
  all: TrainBatch,
  shapes: SampleShapes,
  free: Disposable[],
): TensorSamples {
  const prefix = what === 'x and y' ? '' : `${what}.`;
  const take = (name: 'x' | 'y'): Tensor =>
    takeData(`Model.train: ${prefix}${name}`, all[name], shapes[name], free);
  return new TensorSamples(what, take('x'), take('y'));
}

/** A batch in tensors of its own, since a generator may free or change those that it gave. */
function takeBatch(batch: TrainBatch, shapes: SampleShapes, free: Disposable[]): TensorSamples {
  const own = (data: Tensor | TensorData): Tensor | TensorData => {
    if (!(data instanceof Tensor)) return data;
    const copy = tensor(data.toArray(), data.shape);
    free.push(copy);
    return copy;
  };
  return taken('batch', { x: own(batch.x), y: own(batch.y) }, shapes, free);
}

/**
 * The samples that `Model.train` was given, to train on and to validate on.
 *
 * @param free - Takes what is to be disposed of after the training.
 */
export function takeTrainData(
  data: Tensor | TensorData | Dataset | Batches,
  y: Tensor | TensorData,
  { signal, stepsPerEpoch = Infinity, validationData: held }: TrainOptions,
  shapes: SampleShapes,
  free: Disposable[],
): { training: Samples; validation: HeldSamples | undefined } {
  const gathered = (what: string, dataset: Dataset): GatheredSamples =>
    new GatheredSamples(`Model.train: ${what}`, dataset, shapes, signal);
  const heldSamples = (): HeldSamples | undefined => {
    if (!held) return undefined;
    if (isDataset(held)) return gathered('validationData', held);
    return taken('validationData', held, shapes, free);
  };
  const validation = heldSamples();
  if (isDataset(data)) return { training: gathered('dataset', data), validation };
  if (!isBatches(data))
    return { training: taken('x and y', { x: data, y }, shapes, free), validation };
  const take = (batch: TrainBatch, copies: Disposable[]) => takeBatch(batch, shapes, copies);
  const training = new BatchSamples(data, stepsPerEpoch, take, signal);
  free.push(training);
  return { training, validation };
}
