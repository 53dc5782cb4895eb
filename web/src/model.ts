import { channelsFirst, hintChannelsLast, looksChannelsLast } from './channels.js';
import { withTensors } from './layers/built-in-layer.js';
import { withNativeLayers } from './layers/chain.js';
import { checkLayer, type Layer, layerList } from './layers/layer.js';
import { checkLastActivation, Loss, withNativeLoss } from './losses.js';
import type { Metric } from './metrics.js';
import { Optimizer } from './optimizers.js';
import { ShapeError, StateError, ValueError } from './runtime/errors.js';
import { type LayerProfile, profileLayers } from './profile.js';
import { Handle, nativeOf } from './runtime/handle.js';
import { native } from './runtime/init.js';
import {
  checkOptions,
  checkShape,
  count,
  flag,
  instanceOf,
  toShape,
  wholeNumber,
} from './runtime/checks.js';
import type { NativeLoss, NativeModel } from './runtime/native.js';
import {
  checkNumbers,
  nativeTensor,
  type Shape,
  sizeOf,
  Tensor,
  type TensorData,
  tensorFrom,
} from './tensor.js';
import {
  type BestEpoch,
  checkTrainOptions,
  computeMetrics,
  type EpochResult,
  type Evaluation,
  metricList,
  runTraining,
  toEvaluation,
  type TrainOptions,
} from './training.js';

/** Options of {@link Model}. */
export interface ModelOptions {
  /** Training minimises it; a model without one only predicts. */
  readonly loss?: Loss | undefined;
  /** How training follows the gradients. */
  readonly optimizer?: Optimizer | undefined;
  /**
   * Whole number from which initial weights, shuffling and dropout follow: one
   * seed, one result. Default 0.
   */
  readonly seed?: number | undefined;
  /** Shape of a sample, when the first layer does not say. */
  readonly inputShape?: number | Shape | undefined;
  /**
   * Whether to warn, once and on the console, where images look like [height, width, channels].
   * Default true.
   */
  readonly warnings?: boolean | undefined;
}

/** One line of {@link Model.layerTable}. */
export interface LayerSummary {
  /** Name of the layer's class. */
  readonly type: string;
  /** Shape of a sample coming out. */
  readonly outputShape: Shape;
  /** Number of trainable numbers. */
  readonly parameters: number;
}

/** Optimizers that have a model: what one has learned of its parameters is wrong for others. */
const taken = /* @__PURE__ */ new WeakSet<Optimizer>();

let warned = false;

/** Warns of images whose channels seem to come last, where the layers take them as they are. */
function warnOfChannels(layers: readonly Layer[], shape: Shape): void {
  if (warned || !looksChannelsLast(shape)) return;
  if (!layers.some(({ type }) => /2D$|^Convolutional$/.test(type))) return;
  warned = true;
  console.warn(
    `lamella: Model: samples of [${shape.join(', ')}]: ${channelsFirst} ` +
      '(warnings: false turns this off)',
  );
}

/** A model's parts as the constructor has checked them. */
interface Parts {
  readonly native: NativeModel;
  readonly layers: readonly Layer[];
  readonly options: ModelOptions;
}

/** What `Model.evaluate` takes beside data. */
interface EvaluateOptions {
  readonly batchSize?: number | undefined;
  readonly metrics?: readonly Metric[] | undefined;
}

function createParts(given: readonly Layer[], givenOptions: ModelOptions): Parts {
  const options = checkOptions(
    'Model',
    givenOptions,
    {
      loss: instanceOf('a Loss', Loss),
      optimizer: instanceOf('an Optimizer', Optimizer),
      seed: count(0),
      inputShape: toShape,
      warnings: flag,
    },
    'inputShape',
  );
  const layers = layerList('Model: layers', given);
  const { loss, optimizer, seed = 0, warnings = true } = options;
  const inputShape = options.inputShape as Shape | undefined;
  if (optimizer && taken.has(optimizer)) {
    throw new StateError(
      `Model: this ${optimizer.type} is the optimizer of another model; ` +
        `make a new one: optimizerFromConfig(optimizer.getConfig())`,
    );
  }
  if (loss) {
    checkLastActivation(
      loss,
      layers.map((layer) => {
        checkLayer('Model', layer);
        return layer.type;
      }),
    );
  }
  const made = withNativeLayers('Model', layers, (chain) => {
    const nativeOptimizer = optimizer ? nativeOf(optimizer) : null;
    const create = (nativeLoss: NativeLoss | null): NativeModel =>
      hintChannelsLast(inputShape, () =>
        native('Model').createModel(chain, nativeLoss, nativeOptimizer, seed, inputShape),
      );
    return loss ? withNativeLoss(loss, create) : create(null);
  });
  if (optimizer) taken.add(optimizer);
  if (warnings) warnOfChannels(layers, made.inputShape());
  return { native: made, layers, options };
}

/**
 * Layers in a row, with a loss and an optimizer. The constructor builds every
 * layer from the input shape and draws the weights by the seed: layers with
 * initialization 'auto' get He's before a ReLU-like activation and Xavier's
 * otherwise, and no bias right before batch normalization.
 *
 * A final Softmax before CategoricalCrossEntropy, or Sigmoid before
 * BinaryCrossEntropy, is part of the loss: training works on what goes into it,
 * and `predict` applies it. Without one, `predict` applies the loss's.
 */
export class Model extends Handle<NativeModel> {
  /** The layers, first to last. */
  readonly layers: readonly Layer[];
  /** Training minimises it, if it was given. */
  readonly loss: Loss | undefined;
  /** How training follows the gradients, if it was given. */
  readonly optimizer: Optimizer | undefined;
  /** The number that initial weights, shuffling and dropout follow from. */
  readonly seed: number;

  /** @internal Best epoch of the last training, for `resume`. */
  best: BestEpoch | undefined;

  #training = false;

  /**
   * @throws {@link ShapeError} when the layers do not fit together,
   * {@link StateError} when the input shape is not known or before `init()`,
   * {@link ValueError} when there is no layer, one appears twice, or the last activation does not
   * fit the loss.
   */
  constructor(layers: readonly Layer[], options: ModelOptions = {}) {
    const parts = createParts(layers, options);
    super(parts.native);
    this.layers = parts.layers;
    this.loss = parts.options.loss;
    this.optimizer = parts.options.optimizer;
    this.seed = parts.options.seed ?? 0;
  }

  protected override get label(): string {
    return 'Model';
  }

  /** Shape of a sample going in. */
  get inputShape(): Shape {
    return nativeOf(this).inputShape();
  }

  /** Shape of a prediction for one sample. */
  get outputShape(): Shape {
    return nativeOf(this).outputShape();
  }

  /** Number of trainable numbers in all layers. */
  get parameterCount(): number {
    return this.layerTable().reduce((sum, { parameters }) => sum + parameters, 0);
  }

  /** Epochs of training begun so far, those before a checkpoint included. */
  get epochs(): number {
    return nativeOf(this).progress().epochs;
  }

  /** Type, output shape and parameter count of every layer. */
  layerTable(): LayerSummary[] {
    return this.layers.map((layer) => {
      const { type, outputShape } = layer;
      checkShape(`${type}: outputShape`, outputShape);
      const parameters = withTensors(layer, (params) =>
        Object.values(params).reduce((sum, { value }) => sum + value.size, 0),
      );
      return { type, outputShape, parameters };
    });
  }

  /** The table of layers, shapes and parameter counts as text. */
  summary(): string {
    const rows = this.layerTable().map(({ type, outputShape, parameters }) => [
      type,
      `[${outputShape.join(', ')}]`,
      parameters.toLocaleString('en'),
    ]);
    const table = [['layer', 'output', 'parameters'], ...rows];
    const widths = [0, 1, 2].map((column) =>
      Math.max(...table.map((row) => row[column]?.length ?? 0)),
    );
    const lines = table.map((row) =>
      row
        .map((cell, i) => (i === 2 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  '),
    );
    return [...lines, `${this.parameterCount.toLocaleString('en')} parameters in all`].join('\n');
  }

  /**
   * Trains for some epochs. Gives the event loop a turn every few
   * milliseconds, so that a page stays responsive. An incomplete last batch is
   * trained on as well.
   * @param x - Samples [n, ...inputShape]: a tensor, nested arrays, or a flat
   * typed array.
   * @param y - Expected outputs [n, ...outputShape], or class numbers [n] for
   * {@link SparseCategoricalCrossEntropy}.
   * @returns What each epoch achieved.
   * @throws The signal's reason when aborted (after a whole number of steps;
   * the model stays usable), {@link ShapeError} when the data does not fit,
   * {@link StateError} without loss or optimizer or while already training, {@link ValueError} when
   * NaN or infinity turns up, and what a callback throws or rejects with.
   */
  async train(
    x: Tensor | TensorData,
    y: Tensor | TensorData,
    options: TrainOptions = {},
  ): Promise<EpochResult[]> {
    const own = checkTrainOptions(options);
    if (this.#training) throw new StateError('Model.train: the model is being trained already');
    this.#need('train', 'loss');
    this.#need('train', 'optimizer');
    this.#training = true;
    const free: Tensor[] = [];
    const take = (name: string, data: Tensor | TensorData, sample: Shape): Tensor =>
      this.#take(`train: ${name}`, data, sample, free);
    try {
      const validation = own.validationData && {
        x: take('validationData.x', own.validationData.x, this.inputShape),
        y: take('validationData.y', own.validationData.y, this.#expectedShape),
      };
      const data = {
        x: take('x', x, this.inputShape),
        y: take('y', y, this.#expectedShape),
      };
      for (const { y } of validation ? [data, validation] : [data]) {
        this.#checkExpected('train: y', y);
      }
      nativeOf(this).setClassWeights(own.classWeights ?? []);
      return await runTraining(this, data, validation, own);
    } finally {
      this.#training = false;
      if (!this.disposed) nativeOf(this).setClassWeights([]);
      for (const copy of free) copy.dispose();
    }
  }

  /**
   * One training step: forward, loss, backward and update over one batch.
   * @returns Loss and accuracy before the update.
   */
  trainBatch(x: Tensor, y: Tensor): Evaluation {
    const batch = [
      nativeTensor('Model.trainBatch: x', x),
      nativeTensor('Model.trainBatch: y', y),
    ] as const;
    this.#need('trainBatch', 'loss');
    this.#need('trainBatch', 'optimizer');
    this.#take('trainBatch: x', x, this.inputShape, []);
    this.#take('trainBatch: y', y, this.#expectedShape, []);
    this.#checkExpected('trainBatch: y', y);
    return toEvaluation(nativeOf(this).trainBatch(...batch));
  }

  /**
   * Loss and accuracy over data, in inference mode.
   * @param options - `metrics` to compute as well, over the predictions.
   * @throws {@link ShapeError} when the data does not fit, {@link StateError}
   * without a loss.
   */
  evaluate(
    x: Tensor | TensorData,
    y: Tensor | TensorData,
    options: EvaluateOptions = {},
  ): Evaluation {
    const checks = { batchSize: wholeNumber, metrics: metricList };
    const own = checkOptions('Model.evaluate', options, checks, 'batchSize');
    const { batchSize = 256, metrics } = own;
    this.#need('evaluate', 'loss');
    const free: Tensor[] = [];
    try {
      const input = this.#take('evaluate: x', x, this.inputShape, free);
      const expected = this.#take('evaluate: y', y, this.#expectedShape, free);
      this.#checkExpected('evaluate: y', expected);
      const result = toEvaluation(
        nativeOf(this).evaluate(nativeOf(input), nativeOf(expected), batchSize),
      );
      if (metrics === undefined) return result;
      const predicted = this.predict(input, { batchSize });
      free.push(predicted);
      return { ...result, metrics: computeMetrics(metrics, predicted, expected) };
    } finally {
      for (const copy of free) copy.dispose();
    }
  }

  /**
   * Predictions in inference mode, the loss's activation applied:
   * probabilities for the cross-entropies.
   * @param x - Samples [n, ...inputShape]: a tensor, nested arrays, or a flat
   * typed array.
   * @returns Shape [n, ...outputShape].
   * @throws {@link ShapeError} when the data does not fit.
   */
  predict(
    x: Tensor | TensorData,
    options: { readonly batchSize?: number | undefined } = {},
  ): Tensor {
    const checks = { batchSize: wholeNumber };
    const { batchSize = 256 } = checkOptions('Model.predict', options, checks, 'batchSize');
    const free: Tensor[] = [];
    try {
      const input = this.#take('predict: x', x, this.inputShape, free);
      return new Tensor(nativeOf(this).predict(nativeOf(input), batchSize));
    } finally {
      for (const copy of free) copy.dispose();
    }
  }

  /**
   * How long each layer takes over a batch, forward and backward, in training
   * mode: what is left to gain. Weights and running means stay as they are; a
   * Dropout layer draws masks, so that training after it continues with others.
   * Layers run one by one: a training step, where a ReLU is done by its
   * neighbours and the front that learns nothing has no backward pass, takes
   * less than the sum.
   * @param x - One batch [n, ...inputShape].
   * @param y - Expected outputs [n, ...outputShape].
   * @param options - How many passes the medians are taken over; default 7.
   * @throws {@link StateError} without a loss, {@link ShapeError} when the data
   * does not fit.
   */
  profile(
    x: Tensor,
    y: Tensor,
    options: { readonly repeats?: number | undefined } = {},
  ): LayerProfile[] {
    const checks = { repeats: wholeNumber };
    const { repeats = 7 } = checkOptions('Model.profile', options, checks, 'repeats');
    const loss = this.#need('profile', 'loss');
    nativeTensor('Model.profile: x', x);
    nativeTensor('Model.profile: y', y);
    this.#take('profile: x', x, this.inputShape, []);
    this.#take('profile: y', y, this.#expectedShape, []);
    return profileLayers(this.layers, loss, x, y, repeats);
  }

  /** Frees the model and its layers, loss and optimizer, unless another model uses them. */
  override dispose(): void {
    if (this.disposed) return;
    if (this.#training) throw new StateError('Model.dispose: the model is being trained');
    super.dispose();
    for (const part of [...this.layers, this.loss, this.optimizer]) part?.dispose();
  }

  /** A part that a call needs. */
  #need<Part extends 'loss' | 'optimizer'>(call: string, part: Part): NonNullable<this[Part]> {
    nativeOf(this);
    const own = this[part];
    if (own) return own;
    throw new StateError(`Model.${call}: the model has no ${part}`);
  }

  /** Checks expected outputs by the loss, whose errors do not know of the call. */
  #checkExpected(what: string, y: Tensor): void {
    try {
      nativeOf(this).checkExpected(nativeOf(y));
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      throw new ValueError(`Model.${what}: ${error.message}`, { cause: error });
    }
  }

  get #expectedShape(): Shape {
    return nativeOf(this).expectedShape();
  }

  /** Data as a tensor of such samples; copies made here are added to `free`. */
  #take(what: string, data: Tensor | TensorData, sample: Shape, free: Tensor[]): Tensor {
    const taken = data instanceof Tensor ? data : this.#copy(what, data, sample, free);
    const { shape } = taken;
    const own = shape.slice(1).join();
    // Class numbers may be a column.
    if (own !== sample.join() && !(sample.length === 0 && own === '1')) {
      const given = shape.slice(1);
      const turned = given.length === 3 && [...given.slice(2), ...given.slice(0, 2)].join();
      throw new ShapeError(
        `Model.${what} must have shape [${['samples', ...sample].join(', ')}], ` +
          `got [${shape.join(', ')}]${turned === sample.join() ? `; ${channelsFirst}` : ''}`,
      );
    }
    return taken;
  }

  #copy(what: string, data: TensorData, sample: Shape, free: Tensor[]): Tensor {
    let shape: Shape | undefined;
    checkNumbers(`Model.${what}`, data);
    if (ArrayBuffer.isView(data)) {
      const size = sizeOf(sample);
      if (data.length === 0 || data.length % size !== 0) {
        throw new ShapeError(
          `Model.${what} must hold a multiple of ${size} numbers ` +
            `(samples of [${sample.join(', ')}]), got ${data.length}`,
        );
      }
      shape = [data.length / size, ...sample];
    }
    const copy = tensorFrom(`Model.${what}`, data, shape);
    free.push(copy);
    return copy;
  }
}
