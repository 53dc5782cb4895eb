import { type Batches, isBatches, type TrainBatch } from '../data/batch-samples.js';
import { type Dataset, isDataset } from '../data/dataset.js';
import { BuiltInLayer } from '../layers/built-in-layer.js';
import type { Layer } from '../layers/layer.js';
import { BuiltInLoss, Loss } from '../losses.js';
import { type LayerSummary, Model as ChainModel, type ModelOptions } from '../model.js';
import {
  checkBoolean,
  checkNames,
  checkOptions,
  isPlain,
  rate,
  reject,
  wholeNumber,
} from '../runtime/checks.js';
import {
  ArgumentTypeError,
  showShape,
  StateError,
  UnsupportedError,
  ValueError,
} from '../runtime/errors.js';
import { native } from '../runtime/init.js';
import { nativeOf } from '../runtime/handle.js';
import { takeData } from '../data/take.js';
import type { Shape } from '../shape.js';
import type { Tensor, TensorData } from '../tensor.js';
import type { LayerProfile } from '../profile.js';
import type { EpochResult, EvaluateOptions, Evaluation, TrainOptions } from '../train-options.js';
import { inOrder, type OneOrMore, packed, unpacked } from './ends.js';
import { GraphLayer, type Port } from './graph-layer.js';
import { JointLoss } from './joint-loss.js';
import { profileGraph } from './profile.js';
import { Pack, Unpack } from './packing.js';
import { SymbolicTensor } from './symbolic-tensor.js';
import { type End, type Ends, endsOf, inOrderOfUse, partsOf } from './trace.js';

/** The ends of a graph: each one value, several in order, or by name. */
export interface GraphEnds {
  /** Values that {@link input} made. */
  readonly inputs: OneOrMore<SymbolicTensor>;
  /** Values that the last layers' `apply` made. */
  readonly outputs: OneOrMore<SymbolicTensor>;
}

/** Options of a {@link Model}, where a graph may have several outputs. */
export interface GraphModelOptions extends Omit<ModelOptions, 'loss'> {
  /** Training minimises it: one, or one for each output, in order or by name. */
  readonly loss?: OneOrMore<Loss> | undefined;
  /** Factor of each output's loss; default 1. */
  readonly lossWeights?: readonly number[] | Readonly<Record<string, number>> | undefined;
}

/** One line of a graph's {@link Model.layerTable}. */
export interface GraphLayerSummary extends LayerSummary {
  /** The layers and inputs that it takes, once for each time that it is applied. */
  readonly inputs: readonly string[];
  /** Whether training changes it. */
  readonly trainable: boolean;
}

/** The values at an end by their names. */
function endsIn(what: string, given: OneOrMore<SymbolicTensor>): End[] {
  const wanted = 'what input() or apply() made, a list or an object of them';
  const entries = isPlain(given)
    ? Object.entries(given)
    : [given].flat().map((value) => [undefined, value] as const);
  if (entries.length === 0) reject(what, wanted, given);
  return entries.map(([name, value]) => {
    if (!((value as unknown) instanceof SymbolicTensor)) reject(what, wanted, value);
    return { name: name ?? value.name, value };
  });
}

function toEnds(given: GraphEnds): Ends {
  const { inputs, outputs } = checkNames('Model: graph', given, [
    'inputs',
    'outputs',
  ]) as unknown as GraphEnds;
  const starts = endsIn('Model: inputs', inputs);
  const isRead = new Set<SymbolicTensor>();
  for (const { value } of starts) {
    if (value.call) {
      throw new ArgumentTypeError(
        `Model: inputs must be what input() made, got '${String(value)}'`,
      );
    }
    if (isRead.has(value))
      throw new ValueError(`Model: an input is given twice: '${String(value)}'`);
    isRead.add(value);
  }
  return {
    inputs: starts,
    outputs: endsIn('Model: outputs', outputs),
    named: [isPlain(inputs), isPlain(outputs)],
  };
}

/** Whether a loss does the work of a layer, as `Model` decides it for the last of a chain. */
function includes(loss: Loss | undefined, layer: Layer): boolean {
  return (
    loss instanceof BuiltInLoss &&
    layer instanceof BuiltInLayer &&
    native('Model').includesActivation(loss.native, layer.native)
  );
}

/** The arguments by which a chain of one graph is made of these. */
function toChain(
  given: readonly Layer[] | GraphEnds,
  { loss, lossWeights, ...others }: GraphModelOptions,
): [readonly Layer[], ModelOptions] {
  if (Array.isArray(given) || !isPlain(given)) {
    const extra = lossWeights === undefined ? {} : { lossWeights };
    return [given as readonly Layer[], { ...others, ...extra, loss: loss as Loss | undefined }];
  }
  native('Model');
  if (others.inputShape !== undefined) {
    throw new ValueError('Model: inputShape is that of the inputs of a graph; leave it out');
  }
  const ends = toEnds(given as GraphEnds);
  const { outputs } = ends;
  const losses =
    loss === undefined || (outputs.length === 1 && loss instanceof Loss)
      ? ([loss] as (Loss | undefined)[])
      : inOrder('Model: loss', loss, outputs);
  const graph = new GraphLayer(partsOf(ends, (i, layer) => includes(losses[i], layer)));
  if (outputs.length === 1 || loss === undefined) {
    if (lossWeights !== undefined) throw new ValueError('Model: lossWeights want several losses');
    return [[graph], { ...others, loss: losses[0] }];
  }
  const weights =
    lossWeights === undefined
      ? outputs.map(() => 1)
      : inOrder<number>('Model: lossWeights', lossWeights, outputs);
  for (const weight of weights) rate('Model: lossWeights', weight);
  const shapes = outputs.map(({ value }) => value.shape);
  return [[graph], { ...others, loss: new JointLoss(losses as Loss[], weights, shapes) }];
}

/** Whether a layer was made by the user: not to bring several inputs or outputs together. */
const isOwn = (layer: Layer): boolean => !(layer instanceof Unpack || layer instanceof Pack);

/**
 * A graph of layers with a loss and an optimizer; or layers in a row, as {@link ChainModel} has them.
 *
 * Where a graph has several inputs or outputs, data is a list in their order, or an object by their
 * names: `train([image, numbers], { kind, place })`. Each is what `train` takes of one. A batch's
 * samples stand in one row each inside: so a {@link Dataset} writes them, one input behind the other.
 *
 * A Softmax or Sigmoid that makes an output is part of that output's loss, as in a chain.
 */
export class Model extends ChainModel {
  /** The layers in an order in which each comes after those that it takes, each once. */
  override readonly layers: readonly Layer[];
  readonly #graph: GraphLayer | undefined;
  readonly #ends: Ends | undefined;

  /**
   * @param graph - Its inputs and outputs, or layers in a row.
   * @param options - Loss, optimizer, seed: each may be left out. For several outputs a loss for each.
   * @throws {@link ValueError} for an input that nothing takes, or that is missing; as a chain's.
   * @example
   * const image = input([1, 28, 28]);
   * const left = new Convolutional(8, 3, { padding: 'same' }).apply(image);
   * const right = new Convolutional(8, 5, { padding: 'same' }).apply(image);
   * const both = new Flatten().apply(new Concatenate().apply([left, right]));
   * const model = new Model(
   *   { inputs: image, outputs: new Dense(10).apply(both) },
   *   { loss: new SparseCategoricalCrossEntropy(), optimizer: new Adam() },
   * );
   */
  constructor(graph: readonly Layer[] | GraphEnds, options: GraphModelOptions = {}) {
    super(...toChain(graph, options));
    const [first] = this.chain;
    const own = first instanceof GraphLayer && this.chain.length === 1 ? first : undefined;
    own?.hold();
    this.#graph = own;
    this.#ends = own && endsOf(own);
    this.layers = own ? Object.freeze(own.graph.layers.filter(isOwn)) : this.chain;
  }

  /** The values that the graph begins with. */
  get inputs(): readonly SymbolicTensor[] {
    return this.#ends?.inputs.map(({ value }) => value) ?? [];
  }

  /** The values that it makes. */
  get outputs(): readonly SymbolicTensor[] {
    return this.#ends?.outputs.map(({ value }) => value) ?? [];
  }

  /** Whether training changes any of the layers. */
  get trainable(): boolean {
    return this.layers.some((layer) => layer.trainable);
  }

  /** Freezes or thaws all layers, as one. */
  set trainable(trainable: boolean) {
    checkBoolean('Model: trainable', trainable);
    for (const layer of this.layers) layer.trainable = trainable;
  }

  /**
   * Puts the model's layers into another graph, as its layers have been applied to one another here:
   * they are shared by both models.
   * @param input - A value, or a list of as many as the model has inputs.
   * @returns What the layers make of it; a list where the model has several outputs.
   * @example
   * const features = backbone.apply(image);
   * backbone.trainable = false;
   * const model = new Model({ inputs: image, outputs: new Dense(3).apply(features) }, options);
   */
  apply(input: OneOrMore<SymbolicTensor>): SymbolicTensor | SymbolicTensor[] {
    const ends = this.#ends;
    if (ends === undefined) {
      let value = inOrder('Model.apply: input', input, [{ name: 'input' }])[0] as SymbolicTensor;
      for (const layer of this.layers) value = layer.apply(value);
      return value;
    }
    const given = inOrder('Model.apply: input', input, ends.inputs);
    const made = new Map(ends.inputs.map(({ value }, i) => [value, given[i] as SymbolicTensor]));
    for (const value of inOrderOfUse(ends)) {
      const { layer, inputs } = value.call as NonNullable<typeof value.call>;
      const taken = inputs.map((each) => made.get(each) as SymbolicTensor);
      made.set(value, layer.apply(taken));
    }
    const outputs = ends.outputs.map(({ value }) => made.get(value) as SymbolicTensor);
    return outputs.length === 1 ? (outputs[0] as SymbolicTensor) : outputs;
  }

  /** Type, connections, output shape, parameters and training of every layer. */
  override layerTable(): GraphLayerSummary[] {
    const taken = this.#graph?.taken();
    return super.layerTable().map((row, i) => {
      const layer = this.layers[i] as Layer;
      return { ...row, inputs: taken?.get(layer) ?? [], trainable: layer.trainable };
    });
  }

  /** The table of layers, what they take, shapes and parameter counts as text. */
  override summary(): string {
    if (this.#graph === undefined) return super.summary();
    const table = this.layerTable();
    const count = (rows: readonly GraphLayerSummary[]): string =>
      rows.reduce((sum, { parameters }) => sum + parameters, 0).toLocaleString('en');
    const rows = [
      ['', 'layer', 'output', 'parameters', 'takes'],
      ...this.#graph.graph.inputs.map(({ name, shape }) => ['', name, showShape(shape), '', '']),
      ...table.map(({ type, outputShape, parameters, inputs, trainable }, i) => [
        String(i),
        type,
        showShape(outputShape),
        `${parameters.toLocaleString('en')}${trainable || parameters === 0 ? '' : ' frozen'}`,
        inputs.join(', '),
      ]),
    ];
    const widths = [0, 1, 2, 3].map((column) =>
      Math.max(...rows.map((row) => (row[column] as string).length)),
    );
    const lines = rows.map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    );
    const trained = table.filter(({ trainable }) => trainable);
    const frozen = table.filter(({ trainable }) => !trainable);
    return [
      ...lines,
      `${count(table)} parameters in all, ${count(trained)} trained, ${count(frozen)} frozen`,
    ].join('\n');
  }

  override train(
    x: OneOrMore<Tensor | TensorData>,
    y: OneOrMore<Tensor | TensorData>,
    options?: TrainOptions,
  ): Promise<EpochResult[]>;

  override train(data: Dataset | Batches, options?: TrainOptions): Promise<EpochResult[]>;

  /** As that of a chain; several inputs or outputs as lists or by name, batches likewise. */
  override async train(
    data: OneOrMore<Tensor | TensorData> | Dataset | Batches,
    second?: OneOrMore<Tensor | TensorData> | TrainOptions,
    third?: TrainOptions,
  ): Promise<EpochResult[]> {
    if (isDataset(data)) return super.train(data, this.#withHeld(second as TrainOptions));
    if (isBatches(data)) {
      return super.train(this.#batches(data), this.#withHeld(second as TrainOptions));
    }
    const [x, y] = [this.#x('train', data), this.#y('train', second as OneOrMore<TensorData>)];
    return super.train(x, y, this.#withHeld(third));
  }

  /** As that of a chain, of several inputs or outputs. */
  override trainBatch(
    x: OneOrMore<Tensor | TensorData>,
    y: OneOrMore<Tensor | TensorData>,
  ): Evaluation {
    return this.#withTensors('trainBatch', x, y, (xs, ys) => super.trainBatch(xs, ys));
  }

  override evaluate(
    x: OneOrMore<Tensor | TensorData>,
    y: OneOrMore<Tensor | TensorData>,
    options?: EvaluateOptions,
  ): Evaluation;

  override evaluate(dataset: Dataset, options?: EvaluateOptions): Promise<Evaluation>;

  /** As that of a chain, of several inputs or outputs. */
  override evaluate(
    x: OneOrMore<Tensor | TensorData> | Dataset,
    second?: OneOrMore<Tensor | TensorData> | EvaluateOptions,
    options: EvaluateOptions = {},
  ): Evaluation | Promise<Evaluation> {
    const own = isDataset(x) ? (second as EvaluateOptions | undefined) : options;
    this.#checkMetrics('evaluate', own?.metrics);
    if (isDataset(x)) return super.evaluate(x, own);
    const expected = this.#y('evaluate', second as OneOrMore<TensorData>);
    return super.evaluate(this.#x('evaluate', x), expected, options);
  }

  /**
   * As that of a chain; see {@link Model.predictAll} where there are several outputs.
   * @throws {@link StateError} where there are.
   */
  override predict(
    x: OneOrMore<Tensor | TensorData>,
    options: { readonly batchSize?: number | undefined } = {},
  ): Tensor {
    if (this.outputs.length > 1) {
      throw new StateError('Model.predict: there are several outputs; predictAll() gives all');
    }
    return super.predict(this.#x('predict', x), options);
  }

  /**
   * The predictions of all outputs.
   * @param x - As of `predict`.
   * @returns In the outputs' order.
   * @example const [kind, place] = model.predictAll(image);
   */
  predictAll(
    x: OneOrMore<Tensor | TensorData>,
    options: { readonly batchSize?: number | undefined } = {},
  ): Tensor[] {
    const all = super.predict(this.#x('predictAll', x), options);
    if (this.outputs.length < 2) return [all];
    try {
      return unpacked(
        all,
        this.outputs.map(({ shape }) => shape),
      );
    } finally {
      all.dispose();
    }
  }

  /** As that of a chain; a graph has a row for each use of a layer, in order. */
  override profile(
    x: OneOrMore<Tensor | TensorData>,
    y: OneOrMore<Tensor | TensorData>,
    options: { readonly repeats?: number | undefined } = {},
  ): LayerProfile[] {
    const own = this.#graph;
    const { loss } = this;
    if (own === undefined || loss === undefined) {
      return super.profile(this.#x('profile', x), this.#y('profile', y), options);
    }
    const { repeats = 7 } = checkOptions('Model.profile', options, { repeats: wholeNumber });
    const free: Tensor[] = [];
    try {
      const take = (name: 'x' | 'y', data: Tensor | TensorData, shape: Shape): Tensor =>
        takeData(`Model.profile: ${name}`, data, shape, free);
      const xs = take('x', this.#x('profile', x), this.inputShape);
      const ys = take('y', this.#y('profile', y), nativeOf(this).expectedShape());
      return profileGraph(own, loss, xs, ys, repeats);
    } finally {
      for (const each of free) each.dispose();
    }
  }

  /** Samples as the engine takes them. */
  #x(call: string, given: OneOrMore<Tensor | TensorData>): Tensor | TensorData {
    return this.#pack(`Model.${call}: x`, given, this.#graph?.graph.inputs ?? []);
  }

  #y(call: string, given: OneOrMore<Tensor | TensorData>): Tensor | TensorData {
    return this.#pack(`Model.${call}: y`, given, this.#expected);
  }

  #pack(
    what: string,
    given: OneOrMore<Tensor | TensorData>,
    ports: readonly Port[],
  ): Tensor | TensorData {
    if (ports.length > 1) return packed(what, given, ports);
    return isPlain(given)
      ? (inOrder(what, given as OneOrMore<Tensor>, ports)[0] as Tensor)
      : (given as Tensor);
  }

  /** Expected values of each output. */
  get #expected(): readonly Port[] {
    const { loss } = this;
    const outputs = this.#graph?.graph.outputs ?? [];
    if (!(loss instanceof JointLoss)) return outputs;
    return outputs.map(({ name, shape }, i) => {
      const own = loss.losses[i];
      const isBuiltIn = own instanceof BuiltInLoss;
      return { name, shape: isBuiltIn ? native('Model').expectedShape(own.native, shape) : shape };
    });
  }

  #batches(batches: Batches): Batches {
    if (this.inputs.length < 2 && this.outputs.length < 2) return batches;
    const pack = (batch: TrainBatch): TrainBatch => ({
      x: this.#x('train', batch.x),
      y: this.#y('train', batch.y),
    });
    return async function* () {
      for await (const batch of typeof batches === 'function' ? batches() : batches)
        yield pack(batch);
    };
  }

  /** Options with validation data as the engine takes it. */
  #withHeld(options: TrainOptions | undefined): TrainOptions | undefined {
    const held = options?.validationData;
    this.#checkMetrics('train', options?.metrics);
    if (held === undefined || isDataset(held)) return options;
    const { x, y } = Object(held) as TrainBatch;
    return { ...options, validationData: { x: this.#x('train', x), y: this.#y('train', y) } };
  }

  #checkMetrics(call: string, metrics: unknown): void {
    if (metrics === undefined || this.outputs.length < 2) return;
    throw new UnsupportedError(
      `Model.${call}: metrics are those of one output; compute them of predictAll()`,
    );
  }

  /** Calls `use` with tensors of a batch, which are freed after it unless they were given. */
  #withTensors<Result>(
    call: string,
    x: OneOrMore<Tensor | TensorData>,
    y: OneOrMore<Tensor | TensorData>,
    use: (x: Tensor, y: Tensor) => Result,
  ): Result {
    const free: Tensor[] = [];
    try {
      const take = (name: 'x' | 'y', data: Tensor | TensorData, shape: Shape): Tensor =>
        data instanceof Float32Array
          ? takeData(`Model.${call}: ${name}`, data, shape, free)
          : (data as Tensor);
      const xs = take('x', this.#x(call, x), this.inputShape);
      return use(xs, take('y', this.#y(call, y), nativeOf(this).expectedShape()));
    } finally {
      for (const each of free) each.dispose();
    }
  }
}
