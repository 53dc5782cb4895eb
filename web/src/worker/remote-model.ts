import { type Dataset, isDataset } from '../data/dataset.js';
import type { FileArray } from '../io/file-array.js';
import { readFiles, writeFile } from '../io/files.js';
import type { LayerConfig } from '../layers/layer.js';
import type { LayerSummary } from '../model.js';
import type { LayerProfile } from '../profile.js';
import { checkArray, checkBoolean, checkOptions, wholeNumber } from '../runtime/checks.js';
import { ArgumentTypeError, ShapeError, showShape, StateError } from '../runtime/errors.js';
import { countSamples, type Shape, sizeOf } from '../shape.js';
import type { TensorData } from '../tensor.js';
import {
  checkTrainOptions,
  type EpochResult,
  type Evaluation,
  trainChecks,
  type TrainOptions,
} from '../train-options.js';
import type { Caller, ClientSide, CopyOptions, Watcher } from './caller.js';
import type { MetricDescription, ScheduleDescription } from './descriptions.js';
import { isGatheredThere, isNumbers } from './encode.js';
import type { CallName, Calls, ModelInfo, RemoteBatchProgress, Result } from './protocol.js';
import { Remote, RemoteTensor } from './remote.js';

/** Options of {@link RemoteModel.train}: those of `Model.train` but for what is noted here. */
export interface RemoteTrainOptions
  extends
    Omit<TrainOptions, 'validationData' | 'schedule' | 'metrics' | 'onBatch' | 'stepsPerEpoch'>,
    CopyOptions {
  /** Samples to validate on after each epoch, instead of a split. */
  readonly validationData?:
    | Dataset
    | {
        /** Samples, as those trained on. */
        readonly x: RemoteTensor | TensorData;
        /** Their expected outputs. */
        readonly y: RemoteTensor | TensorData;
      }
    | undefined;
  /** Learning rate by the optimizer's number of steps, instead of its own. */
  readonly schedule?: ScheduleDescription | undefined;
  /** Metrics to compute after each epoch over the samples validated on. */
  readonly metrics?: readonly MetricDescription[] | undefined;
  /**
   * Called after steps, at most 60 times a second beside the last step of each epoch and those of
   * `reportEvery`; the steps between are in `skipped`. The worker waits for it and for a promise that
   * it returns, so that it can pause the training; other calls are answered meanwhile.
   */
  readonly onBatch?: ((progress: RemoteBatchProgress) => unknown) | undefined;
  /**
   * After every so many steps of an epoch `onBatch` is called in any case, to evaluate or save the
   * model after the same steps in every run. Default: only after the last one.
   */
  readonly reportEvery?: number | undefined;
}

/** A check for each option of a training; schedule and metrics are checked where they are encoded. */
const optionChecks = {
  ...trainChecks,
  schedule: () => undefined,
  metrics: () => undefined,
  reportEvery: wholeNumber,
  copy: checkBoolean,
};

/**
 * The number of samples, as far as it is known here.
 * @param ofNumbers - Finds it for the numbers of a typed array.
 */
function countOf(
  data: unknown,
  ofNumbers: (numbers: number) => number | undefined,
): number | undefined {
  if (data instanceof RemoteTensor) return data.shape[0];
  if (Array.isArray(data)) return data.length;
  // An array that is empty may have gone to the worker before.
  return isNumbers(data) && data.length > 0 ? ofNumbers(data.length) : undefined;
}

/**
 * A `Model` in a worker, whose methods return promises. Made by {@link WorkerClient.model}.
 * Every method rejects with what the model's own throws, with {@link StateError} after
 * `dispose()`, when the client is disposed of meanwhile, or when the worker fails.
 */
export class RemoteModel extends Remote {
  /** Shape of a sample going in. */
  readonly inputShape: Shape;
  /** Shape of a prediction for one sample. */
  readonly outputShape: Shape;
  readonly #layerTable: readonly LayerSummary[];
  readonly #summary: string;
  #training = false;
  /** Fulfilled when the arrays of a file that is being read are in the model. */
  #loading: Promise<void> | undefined;

  /** @internal */
  constructor(caller: Caller, info: ModelInfo) {
    super(caller, info.id, 'RemoteModel');
    this.inputShape = info.inputShape;
    this.outputShape = info.outputShape;
    this.#layerTable = info.layerTable;
    this.#summary = info.summary;
  }

  /** Number of trainable numbers in all layers. */
  get parameterCount(): number {
    return this.#layerTable.reduce((sum, { parameters }) => sum + parameters, 0);
  }

  /** Type, output shape and parameter count of every layer. */
  layerTable(): LayerSummary[] {
    return [...this.#layerTable];
  }

  /** The table of layers, shapes and parameter counts as text. */
  summary(): string {
    return this.#summary;
  }

  /**
   * Trains for some epochs, as `Model.train` does.
   * @param x - Samples [n, ...inputShape]: a tensor of the worker, nested arrays, or a flat typed
   * array, which is transferred unless `copy` is set.
   * @param y - Expected outputs [n, ...outputShape], or class numbers [n], [n, time] or
   * [n, height, width] for SparseCategoricalCrossEntropy.
   * @returns What each epoch achieved. Rejects with the signal's reason when aborted, which stops
   * the training within one batch, and with what `onBatch` or `onEpoch` throws.
   */
  train(
    x: RemoteTensor | TensorData,
    y: RemoteTensor | TensorData,
    options?: RemoteTrainOptions,
  ): Promise<EpochResult[]>;

  /**
   * Trains on a data set, as `Model.train` does.
   * @param dataset - Gathered on this side, which keeps two batches ahead, and transferred. An
   * {@link ArrayDataset} is gathered by the worker: its arrays are transferred unless `copy` is set.
   * @returns As above; rejects with what `gather` throws as well.
   */
  train(dataset: Dataset, options?: RemoteTrainOptions): Promise<EpochResult[]>;

  async train(
    data: RemoteTensor | TensorData | Dataset,
    second?: RemoteTensor | TensorData | RemoteTrainOptions,
    third?: RemoteTrainOptions,
  ): Promise<EpochResult[]> {
    if (this.#training) throw new StateError('RemoteModel.train: it is being trained already');
    if (isDataset(data) && third !== undefined) {
      throw new ArgumentTypeError(
        'RemoteModel.train: takes a Dataset and options, or x, y and options',
      );
    }
    const [y, options = {}] = isDataset(data) ? [undefined, second] : [second, third];
    const own = checkTrainOptions('RemoteModel.train', options as RemoteTrainOptions, optionChecks);
    const { onBatch, onEpoch, signal, ...others } = own;
    const dataset = isDataset(data) ? data : { x: data, y: y as RemoteTensor | TensorData };
    const { validationData } = others;
    this.#checkNumbers('train', dataset);
    this.#checkNumbers('train', validationData, 'validationData.');
    const watcher = {
      onBatch,
      onEpoch,
      signal,
      dataset: isDataset(dataset) ? dataset : undefined,
      validationData: isDataset(validationData) ? validationData : undefined,
    };
    const events = { onBatch: onBatch !== undefined, onEpoch: onEpoch !== undefined };
    this.#training = true;
    try {
      return await this.call('train', { dataset, ...others, ...events }, watcher);
    } finally {
      this.#training = false;
    }
  }

  /**
   * One training step over one batch, as `Model.trainBatch`.
   * @returns Loss and accuracy before the update.
   */
  async trainBatch(x: RemoteTensor, y: RemoteTensor): Promise<Evaluation> {
    return this.call('trainBatch', { x, y });
  }

  /** Loss and accuracy over data, and metrics, as `Model.evaluate`. */
  async evaluate(
    x: RemoteTensor | TensorData,
    y: RemoteTensor | TensorData,
    options: CopyOptions & {
      readonly batchSize?: number | undefined;
      readonly metrics?: readonly MetricDescription[] | undefined;
    } = {},
  ): Promise<Evaluation> {
    const checks = { batchSize: wholeNumber, metrics: checkArray, copy: checkBoolean };
    const own = checkOptions('RemoteModel.evaluate', options, checks);
    this.#checkNumbers('evaluate', { x, y });
    return this.call('evaluate', { x, y, ...own });
  }

  /**
   * Predictions in inference mode, as `Model.predict`.
   * @returns Numbers, row-major, and their shape [n, ...outputShape].
   */
  async predict(
    x: RemoteTensor | TensorData,
    options: CopyOptions & { readonly batchSize?: number | undefined } = {},
  ): Promise<FileArray> {
    // Before anything is transferred.
    const checks = { batchSize: wholeNumber, copy: checkBoolean };
    const own = checkOptions('RemoteModel.predict', options, checks);
    this.#checkNumbers('predict', { x });
    return this.call('predict', { x, ...own });
  }

  /**
   * The output of every layer for a batch, in inference mode: what `forward(x, false)` of one after
   * another gives. The loss's activation is not applied.
   */
  async outputs(x: RemoteTensor): Promise<FileArray[]> {
    return this.call('outputs', { x });
  }

  /** The layers as data, of which `layerFromConfig` and {@link WorkerClient.model} make others. */
  async layerConfigs(): Promise<LayerConfig[]> {
    return this.call('layerConfigs', {});
  }

  /** The time that each layer takes over a batch, as `Model.profile`. */
  async profile(
    x: RemoteTensor,
    y: RemoteTensor,
    options: { readonly repeats?: number | undefined } = {},
  ): Promise<LayerProfile[]> {
    const checks = { repeats: wholeNumber };
    return this.call('profile', { x, y, ...checkOptions('RemoteModel.profile', options, checks) });
  }

  /**
   * The parameters of a layer by name, copied.
   * @param layer - Its place, from 0. Rejects with ValueError where there is none.
   */
  async params(layer: number): Promise<Record<string, FileArray>> {
    return this.call('params', { layer, part: 'value' });
  }

  /** The gradients of a layer's parameters, of the last step; otherwise as {@link params}. */
  async gradients(layer: number): Promise<Record<string, FileArray>> {
    return this.call('params', { layer, part: 'gradient' });
  }

  /** The states of a layer by name, such as running means, copied; otherwise as {@link params}. */
  async state(layer: number): Promise<Record<string, FileArray>> {
    return this.call('state', { layer });
  }

  /** Whether training changes a layer; `layer` as in {@link params}. */
  async trainable(layer: number): Promise<boolean> {
    return this.call('trainable', { layer });
  }

  /** Freezes a layer, or thaws it, as `Layer.trainable`; `layer` as in {@link params}. */
  async setTrainable(layer: number, trainable: boolean): Promise<void> {
    await this.call('setTrainable', { layer, trainable });
  }

  /** The model as an .npz file, as `saveNpz`. */
  async saveNpz(): Promise<Uint8Array<ArrayBuffer>> {
    const snapshot = await this.call('snapshot', { by: 'saveNpz', withOptimizer: true });
    return writeFile('writeNpz', snapshot);
  }

  /** All that training depends on, as `saveCheckpoint`; also from within `onEpoch`. */
  async saveCheckpoint(): Promise<Uint8Array<ArrayBuffer>> {
    const snapshot = await this.call('snapshot', { by: 'saveCheckpoint', withOptimizer: true });
    return writeFile('writeCheckpoint', snapshot);
  }

  /** Parameters and states as a .safetensors file, as `saveSafetensors`. */
  async saveSafetensors(): Promise<Uint8Array<ArrayBuffer>> {
    const snapshot = await this.call('snapshot', { by: 'saveSafetensors', withOptimizer: false });
    return writeFile('writeModelSafetensors', snapshot);
  }

  /** The model as an ONNX file, as `exportOnnx`. */
  async exportOnnx(): Promise<Uint8Array<ArrayBuffer>> {
    const snapshot = await this.call('snapshot', { by: 'exportOnnx', withOptimizer: false });
    return writeFile('writeOnnx', snapshot);
  }

  /**
   * Copies parameters and states from a .safetensors file into the model, as `loadSafetensors`.
   * Rejects with FormatError for whatever is wrong; then nothing is changed. Calls about this model
   * that are made meanwhile wait for it.
   */
  async loadSafetensors(bytes: Uint8Array): Promise<void> {
    this.reach();
    const before = this.#loading;
    const load = async (): Promise<void> => {
      const arrays = await readFiles('RemoteModel.loadSafetensors', 'readSafetensors', bytes);
      await before;
      await super.call('loadArrays', { arrays });
    };
    const loading = load();
    const over = loading.catch(() => undefined);
    this.#loading = over;
    await over;
    if (this.#loading === over) this.#loading = undefined;
    return loading;
  }

  /**
   * Checks how many samples there are: the worker could throw only after typed arrays have gone there.
   * @throws {@link ShapeError} unless x holds a number of samples, and y as many.
   */
  #checkNumbers(call: string, data: unknown, prefix = ''): void {
    if (isDataset(data) && !isGatheredThere(data)) return;
    const { x, y, length } = Object(data) as Record<'x' | 'y' | 'length', unknown>;
    const what = `RemoteModel.${call}: ${prefix}`;
    const count = countOf(x, (numbers) => countSamples(`${what}x`, numbers, this.inputShape));
    // Class numbers are fewer by the classes, which stand in any axis.
    const size = sizeOf(this.outputShape);
    const sizes = [size, ...this.outputShape.map((classes) => size / classes)];
    const expected = countOf(y, (numbers) => {
      const own = numbers / (count ?? 1);
      return sizes.includes(own) ? count : own / size;
    });
    const counts = [count, expected, length as number | undefined].filter(
      (each) => each !== undefined,
    );
    if (counts.every((each) => each === counts[0])) return;
    throw new ShapeError(
      `${what}x and y must hold equally many samples of ${showShape(this.inputShape)} and ` +
        `${showShape(this.outputShape)}, got ${counts.join(', ')}`,
    );
  }

  /**
   * As that of the base class, after the arrays that are being read have arrived.
   * @internal
   */
  protected override async call<Name extends CallName>(
    name: Name,
    argument: Calls<ClientSide>[Name]['argument'] & CopyOptions,
    watcher?: Watcher,
  ): Promise<Result<Name>> {
    if (this.#loading) await this.#loading;
    return super.call(name, argument, watcher);
  }

  /**
   * Frees the model in the worker; a second call does nothing.
   * @throws {@link StateError} while it is being trained.
   */
  override dispose(): void {
    if (this.#training) throw new StateError('RemoteModel.dispose: the model is being trained');
    super.dispose();
  }
}
