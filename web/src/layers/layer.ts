import { mapValues } from '../map-values.js';
import { typeOf } from '../registry.js';
import {
  ArgumentTypeError,
  describe,
  ShapeError,
  StateError,
  suggest,
  ValueError,
  showShape,
} from '../runtime/errors.js';
import { checkBoolean, having, isPlain, reject, toShape } from '../runtime/checks.js';
import { disposeSymbol } from '../runtime/handle.js';
import { type Shape, sizeOf } from '../shape.js';
import { Tensor, type TensorData, tensorFrom } from '../tensor.js';

/**
 * How weights are drawn, with fanIn the inputs to an output and fanOut the outputs of an input:
 * - 'auto': a model decides by the activation that follows, 'he' or 'xavier';
 * - 'he' and 'heNormal': normal with variance 2 / fanIn, for ReLU-like activations (He et al., 2015);
 *   'heUniform': uniform with the same variance;
 * - 'xavier', and 'lecunNormal' (LeCun et al., 1998): normal with variance 1 / fanIn; 'lecunUniform';
 * - 'glorotNormal', 'glorotUniform': with variance 2 / (fanIn + fanOut) (Glorot, Bengio, 2010);
 * - 'orthogonal': rows of the matrix (first dimension, all others), or its columns if these are fewer, that are
 *   orthogonal and of length 1 (Saxe et al., 2014); one of the sides is at most 2048;
 * - 'zeros'.
 *
 * Keras cuts its normal distributions off at two deviations; these are whole.
 */
export type Initialization =
  | 'auto'
  | 'he'
  | 'xavier'
  | 'heNormal'
  | 'heUniform'
  | 'glorotNormal'
  | 'glorotUniform'
  | 'lecunNormal'
  | 'lecunUniform'
  | 'orthogonal'
  | 'zeros';

/** A trainable tensor and the gradient of the loss with respect to it. */
export interface Parameter {
  /** The numbers that training changes. */
  readonly value: Tensor;
  /** Of the value's shape; that of the last backward pass. */
  readonly gradient: Tensor;
  /**
   * Whether weight decay applies to it: not to biases, nor to the scale and shift of normalizations.
   * Default for a layer of your own: unless its name has bias, beta or gamma in it.
   */
  readonly decays?: boolean | undefined;
}

/** Constructor arguments by name, as plain data. */
export type Config = Record<string, unknown>;

/** A layer's class name and constructor arguments: what {@link layerFromConfig} takes. */
export interface LayerConfig extends Config {
  /** Name of the class. */
  readonly type: string;
}

/** A value in a graph, as layers take and make it: {@link Layer.apply}. */
export interface GraphValue {
  /** Shape of a sample. */
  readonly shape: Shape;
  /** @internal Lets a layer take values, of which this is the first. */
  feed(layer: Layer, values: readonly unknown[]): unknown;
}

const isGraphValue = /* @__PURE__ */ having(
  'what input() of lamella/graph or apply() made',
  'feed',
);

/**
 * Base class of all layers: one step of a network. Built-in layers run in
 * WebAssembly; a class of your own that extends this one and implements
 * `forward` and `backward` (and `params`, if it has any) works beside them in
 * a {@link Model}.
 *
 * Shapes never include the batch, which is the first dimension of every tensor
 * passed in or returned.
 */
export abstract class Layer {
  /**
   * Name of the class as data: in saved models and in a worker. A class of your own says it, and so
   * does one that extends it: a minifier renames classes. Default: the class's name in the program.
   * @example static type = 'Scale';
   */
  static readonly type?: string;

  /**
   * The arguments that the constructor takes before the options, by their names in `getConfig()`, in
   * order: {@link registerLayer} goes by it. Default none.
   * @example static positional = ['factor'];
   */
  static readonly positional?: readonly string[];

  #inputShape: Shape | undefined;
  #outputShape: Shape | undefined;
  #trainable = true;

  /**
   * @param outputShape - Shape of the output, when it is known beforehand.
   * @param inputShape - Shape of the input, when it is known beforehand.
   */
  constructor(outputShape?: number | Shape, inputShape?: number | Shape) {
    // A class without a constructor is made of its configuration, which has no setting then.
    const given: unknown = outputShape;
    const isEmpty =
      typeof given === 'object' && !Array.isArray(given) && Object.keys(given ?? {}).length === 0;
    if (typeof outputShape === 'number') this.#outputShape = [outputShape];
    else if (!isEmpty) this.#outputShape = outputShape;
    this.#inputShape = typeof inputShape === 'number' ? [inputShape] : inputShape;
  }

  /** Name of the class, as saved models have it: its static `type`. */
  get type(): string {
    return typeOf(this);
  }

  /**
   * Shape of a sample going in.
   * @throws {@link StateError} before `build()`, unless given to the constructor.
   */
  get inputShape(): Shape {
    return this.#known('inputShape', this.#inputShape);
  }

  /**
   * Shape of a sample coming out.
   * @throws {@link StateError} before `build()`, unless given to the constructor.
   */
  get outputShape(): Shape {
    return this.#known('outputShape', this.#outputShape);
  }

  /** For layers of your own, whose `build()` knows it. */
  protected set outputShape(shape: Shape) {
    this.#outputShape = shape;
  }

  /** Number of elements of a sample going in. */
  get inputSize(): number {
    return sizeOf(this.inputShape);
  }

  /** Number of elements of a sample coming out. */
  get outputSize(): number {
    return sizeOf(this.outputShape);
  }

  /**
   * Input of the last forward pass, where the layer keeps it: in a training
   * batch larger than the caches that of its last part, and for a ReLU whose
   * work the layer before it does in a {@link Model}, its output. Batch normalization
   * that a Convolutional layer has done in inference has none.
   */
  get input(): Tensor | undefined {
    return undefined;
  }

  /**
   * Output of the last forward pass, where the layer keeps it: in a
   * {@link Model} already rectified where a Dense, Convolutional or batch normalization layer
   * does the work of the ReLU after it, and in inference already normalized where a
   * Convolutional layer does the batch normalization. Call `forward` for the output before it.
   */
  get output(): Tensor | undefined {
    return undefined;
  }

  /**
   * Configures the layer for samples of `inputShape`; a {@link Model} calls it
   * before training, with a list. A layer of your own overrides it to allocate parameters
   * and, unless the output has the input's shape or was given to the
   * constructor, to set `outputShape`.
   */
  build(inputShape: number | Shape): void {
    const shape = toShape(`${this.type}: inputShape`, inputShape);
    this.#inputShape = shape;
    this.#outputShape ??= shape;
  }

  /**
   * Forward pass over a batch.
   * @param input - Shape [batch, ...inputShape].
   * @param training - Whether dropout and batch normalization behave as in training.
   * @returns Shape [batch, ...outputShape].
   */
  abstract forward(input: Tensor, training?: boolean): Tensor;

  /**
   * Backward pass for the last forward pass: stores the gradients of the
   * parameters and returns the one of the input.
   * @param outputGradient - Gradient of the loss with respect to the output.
   * @returns Gradient of the loss with respect to the input.
   */
  abstract backward(outputGradient: Tensor): Tensor;

  /**
   * Whether training changes the layer. Optimizers leave the parameters of a
   * frozen layer as they are, and batch normalization works as in inference.
   * May change between steps. Default true.
   */
  get trainable(): boolean {
    return this.#trainable;
  }

  /** Freezes the layer, or thaws it. */
  set trainable(trainable: boolean) {
    this.#trainable = checkBoolean(`${this.type}: trainable`, trainable);
  }

  /** Trainable parameters by name: live views of the layer's own memory. */
  get params(): Record<string, Parameter> {
    return {};
  }

  /** Non-trainable state by name, such as running means; assigning copies values in. */
  get state(): Record<string, Tensor> {
    return {};
  }

  /**
   * Copies values in, some or all by name.
   * @throws {@link ShapeError} or {@link ValueError} when a shape differs or a name is unknown; then
   * nothing is changed.
   */
  set state(values: Record<string, Tensor | TensorData>) {
    copyInto(this, 'state', this.state, values);
  }

  /**
   * The name of the class as `type`, and all constructor arguments by name: what
   * {@link layerFromConfig} takes.
   */
  getConfig(): Config {
    return { type: this.type };
  }

  /**
   * Copies values into the parameters.
   * @throws {@link ShapeError} or {@link ValueError} when a shape differs or a
   * name is unknown; then nothing is changed.
   */
  loadParams(values: Record<string, Tensor | TensorData>): void {
    copyInto(
      this,
      'parameter',
      mapValues(this.params, ({ value }) => value),
      values,
    );
  }

  /**
   * Lets the layer take a value in a graph, or several, and gives the one that it makes of them. A
   * layer may be applied more than once: its weights are there once. See `lamella/graph`.
   * @param input - What `input()` or another layer's `apply` has made, or a list for layers such as Add.
   * @throws {@link ArgumentTypeError} for anything else, {@link ShapeError} when it does not fit.
   * @example const hidden = new Dense(8).apply(input([4]));
   */
  apply<Value extends GraphValue>(input: Value | readonly Value[]): Value {
    const values = [input].flat() as Value[];
    isGraphValue(`${this.type}.apply: input`, values[0]);
    return (values[0] as Value).feed(this, values) as Value;
  }

  /** Frees what the layer holds; a second call does nothing. */
  dispose(): void {
    // A layer without native memory of its own has nothing to free.
  }

  /** As `dispose()`, for `using`. */
  [disposeSymbol](): void {
    this.dispose();
  }

  #known(what: string, shape: Shape | undefined): Shape {
    if (shape === undefined) {
      throw new StateError(`${this.type}: ${what} is known after build()`);
    }
    return shape;
  }
}

/** @throws {@link ArgumentTypeError} unless an argument of what errors call `owner` is a layer. */
export function checkLayer(owner: string, layer: unknown): asserts layer is Layer {
  if (!(layer instanceof Layer)) {
    throw new ArgumentTypeError(`${owner}: layers must extend Layer, got ${describe(layer)}`);
  }
  const type: unknown = layer.type;
  if (typeof type !== 'string') reject(`${owner}: the type of a layer`, 'a string', type);
}

/** A layer's class name and constructor arguments: `{ type, ...layer.getConfig() }`. */
export function layerToConfig(layer: Layer): LayerConfig {
  checkLayer('layerToConfig', layer);
  return { ...layer.getConfig(), type: layer.type };
}

/**
 * Named values as tensors, and how to free the copies among them.
 *
 * @param what - What errors call a value: "Dense: parameter".
 * @throws {@link ArgumentTypeError} for anything but tensors and numbers by name.
 */
export function toTensors(
  what: string,
  values: Record<string, Tensor | TensorData>,
): { tensors: (readonly [name: string, value: Tensor])[]; free: () => void } {
  if (!isPlain(values)) reject(what, 'values by name', values);
  const copies: Tensor[] = [];
  const free = (): void => {
    for (const copy of copies) copy.dispose();
  };
  try {
    const tensors = Object.entries(values).map(([name, value]) => {
      if (value instanceof Tensor) return [name, value] as const;
      const copy = tensorFrom(`${what} '${name}'`, value);
      copies.push(copy);
      return [name, copy] as const;
    });
    return { tensors, free };
  } catch (error) {
    free();
    throw error;
  }
}

/** Checks every value, then copies all of them; an error leaves everything as it was. */
export function copyInto(
  layer: Layer,
  what: string,
  targets: Record<string, Tensor>,
  values: Record<string, Tensor | TensorData>,
): void {
  const { tensors, free } = toTensors(`${layer.type}: ${what}`, values);
  try {
    const copies = tensors.map(([name, source]) => {
      const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
      if (target === undefined) {
        throw new ValueError(
          `${layer.type}: unknown ${what} ${describe(name)}${suggest(name, Object.keys(targets))}`,
        );
      }
      if (source.shape.join() !== target.shape.join()) {
        throw new ShapeError(
          `${layer.type}: ${what} '${name}' has shape ${showShape(target.shape)}, ` +
            `got ${showShape(source.shape)}`,
        );
      }
      return { source, target };
    });
    for (const { source, target } of copies) target.set(source.view());
  } finally {
    free();
  }
}
