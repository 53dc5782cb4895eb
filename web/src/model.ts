import { type Batches, isBatches } from './data/batch-samples.js';
import { type Dataset, isDataset } from './data/dataset.js';
import { GatheredSamples } from './data/samples.js';
import { takeData } from './data/take.js';
import { takeTrainData } from './data/train-data.js';
import { withNativeLayers } from './layers/chain.js';
import type { Layer } from './layers/layer.js';
import { withTensors } from './layers/built-in-layer.js';
import { type Loss, withNativeLoss } from './losses.js';
import { checkMetrics, computeAll } from './metrics.js';
import { Optimizer } from './optimizers.js';
import { type LayerProfile, profileLayers } from './profile.js';
import { ArgumentTypeError, StateError, showShape, ValueError } from './runtime/errors.js';
import { Handle, nativeArgument, nativeOf } from './runtime/handle.js';
import { native } from './runtime/init.js';
import { channelsHint, withChannelsHint } from './channels.js';
import { countUse, disposePart } from './lending.js';
import { checkBoolean, checkOptions, checkShape, wholeNumber } from './runtime/checks.js';
import type { NativeLoss, NativeModel } from './runtime/native.js';
import { Mean, validate } from './validation.js';
import { yielder } from './runtime/yield.js';
import { isSchedule } from './schedules.js';
import type { Shape } from './shape.js';
import { nativeTensor, Tensor, type TensorData } from './tensor.js';
import {
  checkTrainOptions,
  type EpochResult,
  type EvaluateOptions,
  type Evaluation,
  trainChecks,
  type TrainOptions,
} from './train-options.js';
import { type BestEpoch, runTraining, toEvaluation } from './training.js';

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
  readonly inputShape?: Shape | undefined;
  /**
   * Whether the console warns of an input shape that looks like [height, width, channels] where
   * the layers take [channels, height, width]. Default true.
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

/** Calls `use` with a list of tensors, which are freed after it. */
function withCopies<Result>(use: (copies: Tensor[]) => Result): Result {
  const copies: Tensor[] = [];
  try {
    return use(copies);
  } finally {
    for (const copy of copies) copy.dispose();
  }
}

/** A check for each option of a model; loss and optimizer are checked where they are used. */
const modelChecks = {
  loss: () => undefined,
  optimizer: () => undefined,
  seed: (what: string, value: unknown) => wholeNumber(what, value, 0),
  inputShape: checkShape,
  warnings: checkBoolean,
};

/** A check for each option of an evaluation. */
const evaluateChecks = { batchSize: wholeNumber, metrics: checkMetrics };

function createNative(
  layers: readonly Layer[],
  { loss, optimizer, seed = 0, inputShape }: ModelOptions,
): NativeModel {
  const nativeOptimizer =
    optimizer === undefined
      ? null
      : nativeArgument('Model: optimizer must be an Optimizer', Optimizer, optimizer);
  if (optimizer && taken.has(optimizer)) {
    throw new StateError(
      `Model: this ${optimizer.type} is the optimizer of another model; each needs one of its own`,
    );
  }
  return withNativeLayers('Model', layers, (chain) => {
    const create = (nativeLoss: NativeLoss | null): NativeModel =>
      withChannelsHint(inputShape, () =>
        native('Model').createModel(chain, nativeLoss, nativeOptimizer, seed, inputShape),
      );
    return loss === undefined ? create(null) : withNativeLoss(loss, create);
  });
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
  /** @internal The layers that the engine runs in a row, which files hold: a graph is one. */
  readonly chain: readonly Layer[];
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
   * @param layers - At least one; none twice, be it inside others.
   * @param options - Loss, optimizer, seed and input shape: each may be left out.
   * @throws {@link ShapeError} when the layers do not fit together,
   * {@link StateError} when the input shape is not known, for the optimizer of another model or
   * before `init()`,
   * {@link ValueError} when there is no layer or one appears twice, for an unknown option, and for a
   * last activation that is not the loss's,
   * {@link ArgumentTypeError} for layers, loss or optimizer of another type.
   * @example new Model([new Dense(1, { inputSize: 2 })], { loss: new MSE(), optimizer: new SGD() })
   */
  constructor(layers: readonly Layer[], options: ModelOptions = {}) {
    const own = checkOptions('Model', options, modelChecks);
    super(createNative(layers, own), 'Model');
    this.layers = this.chain = Object.freeze([...layers]);
    this.loss = own.loss;
    this.optimizer = own.optimizer;
    this.seed = own.seed ?? 0;
    if (this.optimizer) taken.add(this.optimizer);
    for (const part of this.#parts) countUse(part, 1);
    const { inputShape } = this;
    const hint = channelsHint(inputShape);
    // A first layer that makes a vector of an image takes any order.
    if (hint && own.warnings !== false && this.layers[0]?.outputShape.length === 3) {
      console.warn(`Model: inputShape ${showShape(inputShape)}${hint}; warnings: false hides this`);
    }
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
    return this.layers.map((layer) => ({
      type: layer.type,
      outputShape: layer.outputShape,
      parameters: withTensors(layer, (params) =>
        Object.values(params).reduce((sum, { value }) => sum + value.size, 0),
      ),
    }));
  }

  /** The table of layers, shapes and parameter counts as text. */
  summary(): string {
    const rows = this.layerTable().map(({ type, outputShape, parameters }) => [
      type,
      showShape(outputShape),
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
   * @param y - Expected outputs [n, ...outputShape], or class numbers [n], [n, time] or
   * [n, height, width] for {@link SparseCategoricalCrossEntropy}.
   * @param options - Checked before anything happens; all have defaults.
   * @returns What each epoch achieved.
   * @throws The signal's reason when aborted (after a whole number of steps;
   * the model stays usable), {@link ShapeError} when the data does not fit,
   * {@link StateError} without loss or optimizer or while already training,
   * {@link ValueError} and {@link ArgumentTypeError} for options that there are not or that make no
   * sense, {@link ValueError} for NaN or infinity (see `onNonFinite`), and whatever a callback throws.
   * Unless a step was taken, nothing has changed.
   * @example await model.train(x, y, { epochs: 5, batchSize: 32, validationSplit: 0.1 });
   */
  train(
    x: Tensor | TensorData,
    y: Tensor | TensorData,
    options?: TrainOptions,
  ): Promise<EpochResult[]>;

  /**
   * Trains on samples that are not all there at once, otherwise as on x and y.
   *
   * Those of a {@link Dataset} are gathered a batch at a time: the same numbers make the same weights.
   *
   * Batches are anything to iterate over, with promises or without, in which each item is `{ x, y }`,
   * or a function that gives it, such as that of a generator. Each is a step, in the order and of the
   * size that it has. An epoch lasts until they end, or `stepsPerEpoch`, and a function is called again
   * for those behind. The next batch is asked for before one trains, which is copied first; when the
   * training ends, so does a generator. There is no `batchSize`, `shuffle`, `validationSplit` or
   * `resume` for them.
   * @param data - The data set, or the batches.
   * @throws What `gather` and the iteration throw, {@link ValueError} when there is no batch for an
   * epoch, otherwise as above.
   * @example await model.train(new ArrayDataset({ x: images, y: labels, length: 60_000, scale: 1 / 255 }));
   * @example await model.train(async function* () { for (const url of urls) yield load(url); }, { epochs: 5 });
   */
  train(data: Dataset | Batches, options?: TrainOptions): Promise<EpochResult[]>;

  async train(
    data: Tensor | TensorData | Dataset | Batches,
    second?: Tensor | TensorData | TrainOptions,
    third?: TrainOptions,
  ): Promise<EpochResult[]> {
    if (this.#training) throw new StateError('Model.train: the model is being trained already');
    const isWhole = isDataset(data) || isBatches(data);
    if (isWhole && third !== undefined) {
      throw new ArgumentTypeError(
        'Model.train: takes a Dataset or batches, and options, or x, y and options',
      );
    }
    const [y, options = {}] = isWhole ? [undefined, second] : [second, third];
    const own = checkTrainOptions('Model.train', options as TrainOptions, {
      ...trainChecks,
      stepsPerEpoch: wholeNumber,
      schedule: isSchedule,
      metrics: checkMetrics,
    });
    const [kind, unfit] =
      isDataset(data) || !isBatches(data)
        ? (['samples', ['stepsPerEpoch']] as const)
        : (['batches', ['batchSize', 'shuffle', 'validationSplit', 'resume']] as const);
    const wrong = unfit.find((name) => own[name]);
    if (wrong) throw new ValueError(`Model.train: there is no ${wrong} for ${kind}`);
    for (const part of ['loss', 'optimizer'] as const) {
      if (!this[part]) throw new StateError(`Model.train: the model has no ${part}`);
    }
    const free: Pick<Tensor, 'dispose'>[] = [];
    const shapes = { x: this.inputShape, y: this.#expectedShape };
    this.#training = true;
    try {
      const taken = takeTrainData(data, y as Tensor | TensorData, own, shapes, free);
      nativeOf(this).setClassWeights(Array.from(own.classWeights ?? []));
      return await runTraining(this, taken.training, taken.validation, own);
    } finally {
      this.#training = false;
      if (!this.disposed) nativeOf(this).setClassWeights([]);
      for (const taken of free) taken.dispose();
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
    return toEvaluation(nativeOf(this).trainBatch(...batch));
  }

  /**
   * Loss and accuracy over data, in inference mode.
   * @param x - Samples, as those of {@link Model.train}.
   * @param y - Their expected outputs, likewise.
   * @param options - All have defaults.
   * @throws {@link ShapeError} when the data does not fit, {@link StateError}
   * without a loss, {@link ValueError} and {@link ArgumentTypeError} for options as `train`.
   * @example const { loss, metrics } = model.evaluate(x, y, { metrics: [new F1Score()] });
   */
  evaluate(x: Tensor | TensorData, y: Tensor | TensorData, options?: EvaluateOptions): Evaluation;

  /**
   * Loss and accuracy over a data set, whose samples are gathered a batch at a time, otherwise as
   * above; metrics are computed over the predictions and expected outputs of all.
   * @throws What `gather` throws, otherwise as above.
   * @example const { accuracy } = await model.evaluate(test);
   */
  evaluate(dataset: Dataset, options?: EvaluateOptions): Promise<Evaluation>;

  evaluate(
    x: Tensor | TensorData | Dataset,
    second?: Tensor | TensorData | EvaluateOptions,
    options: EvaluateOptions = {},
  ): Evaluation | Promise<Evaluation> {
    if (isDataset(x)) return this.#evaluateAll(x, second as EvaluateOptions | undefined);
    const y = second as Tensor | TensorData;
    const { batchSize = 256, metrics } = checkOptions('Model.evaluate', options, evaluateChecks);
    return withCopies((copies) => {
      const input = takeData('Model.evaluate: x', x, this.inputShape, copies);
      const expected = takeData('Model.evaluate: y', y, this.#expectedShape, copies);
      const mean = new Mean();
      const [samples = 0] = input.shape;
      // Once at least: the engine refuses data without samples.
      for (let first = 0; first === 0 || first < samples; first += batchSize) {
        const count = Math.min(batchSize, samples - first);
        const [xs, ys] = [nativeOf(input), nativeOf(expected)];
        mean.add(nativeOf(this).evaluateRows(xs, ys, first, count), count);
      }
      const result = toEvaluation(mean);
      if (metrics === undefined) return result;
      const predicted = this.predict(input, { batchSize });
      copies.push(predicted);
      return { ...result, metrics: computeAll(metrics, predicted, expected, this.loss) };
    });
  }

  /**
   * Predictions in inference mode, the loss's activation applied:
   * probabilities for the cross-entropies.
   * @param x - Samples [n, ...inputShape]: a tensor, nested arrays, or a flat
   * typed array.
   * @param options - How many samples a pass takes, `batchSize`; default 256.
   * @returns Shape [n, ...outputShape].
   * @throws {@link ShapeError} when the data does not fit, {@link ValueError} and
   * {@link ArgumentTypeError} for options as `train`.
   * @example const probabilities = model.predict([[0.5, -0.5]]).toNestedArray();
   */
  predict(
    x: Tensor | TensorData,
    options: { readonly batchSize?: number | undefined } = {},
  ): Tensor {
    const { batchSize = 256 } = checkOptions('Model.predict', options, { batchSize: wholeNumber });
    return withCopies((copies) => {
      const input = takeData('Model.predict: x', x, this.inputShape, copies);
      return new Tensor(nativeOf(this).predict(nativeOf(input), batchSize));
    });
  }

  /**
   * How long each layer takes over a batch, forward and backward, in training
   * mode: what is left to gain. Weights and running means stay as they are; a
   * Dropout layer draws masks, so that training after it continues with others.
   * Layers run one by one: a training step, where a ReLU is done by its
   * neighbours and the front that learns nothing has no backward pass, takes
   * less than the sum.
   * @param x - One batch [n, ...inputShape], as the samples of {@link Model.train}.
   * @param y - Their expected outputs, likewise.
   * @param options - How many passes the medians are taken over; default 7.
   * @throws {@link StateError} without a loss, {@link ShapeError} when the data
   * does not fit.
   */
  profile(
    x: Tensor | TensorData,
    y: Tensor | TensorData,
    options: { readonly repeats?: number | undefined } = {},
  ): LayerProfile[] {
    const { repeats = 7 } = checkOptions('Model.profile', options, { repeats: wholeNumber });
    const { chain, loss } = this;
    if (loss === undefined) throw new StateError('Model.profile: the model has no loss');
    return withCopies((copies) => {
      const input = takeData('Model.profile: x', x, this.inputShape, copies);
      const expected = takeData('Model.profile: y', y, this.#expectedShape, copies);
      return profileLayers(chain, loss, input, expected, repeats);
    });
  }

  /** Frees the model and its layers, loss and optimizer, unless another model uses them. */
  override dispose(): void {
    if (this.disposed) return;
    if (this.#training) throw new StateError('Model.dispose: the model is being trained');
    super.dispose();
    for (const part of this.#parts) if (countUse(part, -1) === 0) disposePart(part);
  }

  async #evaluateAll(dataset: Dataset, options: EvaluateOptions = {}): Promise<Evaluation> {
    const own = checkOptions('Model.evaluate', options, evaluateChecks);
    const { batchSize = 256, metrics = [] } = own;
    const shapes = { x: this.inputShape, y: this.#expectedShape };
    const samples = new GatheredSamples('Model.evaluate: dataset', dataset, shapes, undefined);
    const held = { samples, first: 0, end: samples.length };
    const { mean, computed } = await validate(this, held, metrics, yielder(), batchSize);
    return { ...toEvaluation(mean), ...(computed && { metrics: computed }) };
  }

  get #parts(): { dispose(): void }[] {
    return [...this.chain, this.loss, this.optimizer].filter((part) => part !== undefined);
  }

  get #expectedShape(): Shape {
    return nativeOf(this).expectedShape();
  }
}
