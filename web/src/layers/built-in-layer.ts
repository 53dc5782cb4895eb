import type { KerasConverters } from '../io/keras/layer.js';
import type { OnnxConverter } from '../io/onnx/layer.js';
import { mapValues } from '../map-values.js';
import { builtInType } from '../registry.js';
import { Handle, nativeOf } from '../runtime/handle.js';
import { native } from '../runtime/init.js';
import type { NativeConfig, NativeLayer, NativeTensor } from '../runtime/native.js';
import { withChannelsHint } from '../channels.js';
import { ValueError } from '../runtime/errors.js';
import { checkBoolean, optionsOf, toShape } from '../runtime/checks.js';
import type { Shape } from '../shape.js';
import { nativeTensor, Tensor, type TensorData } from '../tensor.js';
import { nativeParams, nativeState } from './custom-layer.js';
import { type Config, copyInto, Layer, type Parameter } from './layer.js';

/** Options that every built-in layer takes. */
export interface LayerOptions {
  /**
   * Shape of a sample going in, without the batch. The first layer of a model
   * needs it; others take it from the layer before. The layer is built at once.
   */
  readonly inputShape?: Shape;
}

/**
 * Calls `use` with a layer's parameters and states, live. Those of a built-in layer are handles
 * made here, which are freed after it: they would hold the memory of a layer that was disposed of.
 */
export function withTensors<Result>(
  layer: Layer,
  use: (params: Record<string, Parameter>, state: Record<string, Tensor>) => Result,
): Result {
  if (!(layer instanceof BuiltInLayer)) {
    // Tensors of its own, or whatever else its class returns.
    const { params, state } = layer;
    nativeParams(layer, params);
    nativeState(layer, state);
    return use(params, state);
  }
  const { params } = layer;
  const handles = Object.values(params).flatMap(({ value, gradient }) => [value, gradient]);
  try {
    const { state } = layer;
    handles.push(...Object.values(state));
    return use(params, state);
  } finally {
    for (const handle of handles) handle.dispose();
  }
}

/** Common part of the layers that run in WebAssembly. */
export abstract class BuiltInLayer extends Layer {
  /** @internal Its operators in ONNX: every class has some. */
  static readonly onnx?: OnnxConverter;

  /** @internal Its converters from Keras, whose saved models TensorFlow.js has, too. */
  static readonly keras?: KerasConverters;

  /**
   * @internal Arguments that the .npz layout leaves out where all have these values: the classes that
   * it names do not take them all, and missing ones mean the defaults.
   */
  static readonly leftOut?: Config;

  readonly #type: string;
  readonly #handle: Handle<NativeLayer>;

  /**
   * @internal
   * @param options - Of the constructor.
   * @param likely - The option that a value in the place of the options probably means.
   * @param named - The constructor's arguments before the options.
   * @param create - Makes the layer of all of them.
   */
  constructor(
    options: object,
    likely?: string,
    named: NativeConfig = {},
    create?: (config: NativeConfig) => NativeLayer,
  ) {
    super();
    const type = builtInType(new.target);
    this.#type = type;
    const own = optionsOf(type, options, likely);
    for (const [name, value] of Object.entries(named)) {
      if (own[name] === undefined || Object.is(own[name], value)) continue;
      throw new ValueError(`${type}: ${name} is given twice, as an argument and as an option`);
    }
    const config = { ...own, ...named };
    const layer = withChannelsHint(
      config['inputShape'],
      () => create?.(config) ?? native(type).createLayer(type, config),
    );
    this.#handle = new Handle(layer, type);
  }

  /** @internal */
  get native(): NativeLayer {
    return nativeOf(this.#handle);
  }

  /** @internal The layers inside this one, by the arguments that have them. */
  get parts(): Readonly<Record<string, readonly Layer[]>> {
    return {};
  }

  /** Name of the class: its static `type`, which one that extends it has as well unless it says another. */
  override get type(): string {
    return (this.constructor as typeof BuiltInLayer).type as string;
  }

  override get inputShape(): Shape {
    return this.native.inputShape();
  }

  override get outputShape(): Shape {
    return this.native.outputShape();
  }

  override get input(): Tensor | undefined {
    const input = this.native.input();
    return input && new Tensor(input);
  }

  override get output(): Tensor | undefined {
    const output = this.native.output();
    return output && new Tensor(output);
  }

  /**
   * Configures the layer for samples of `inputShape`, a list or, for vectors, a
   * number, and allocates its parameters.
   * @throws {@link ShapeError} when the layer cannot take that shape.
   */
  override build(inputShape: number | Shape): void {
    const shape = toShape(`${this.#type}: inputShape`, inputShape);
    withChannelsHint(shape, () => {
      this.native.build(shape);
    });
  }

  /**
   * Forward pass over a batch.
   * @param input - Shape [batch, ...inputShape].
   * @param training - Whether dropout and batch normalization behave as in training.
   * @returns Shape [batch, ...outputShape].
   * @throws {@link ShapeError} when the input does not fit, {@link StateError}
   * when the layer has parameters and was not built.
   */
  override forward(input: Tensor, training = true): Tensor {
    const tensor = nativeTensor(`${this.#type}: input`, input);
    checkBoolean(`${this.#type}: training`, training);
    return new Tensor(this.native.forward(tensor, training));
  }

  /**
   * Backward pass for the last forward pass.
   * @throws {@link ShapeError} unless the gradient has the output's shape,
   * {@link StateError} before any `forward()`.
   */
  override backward(outputGradient: Tensor): Tensor {
    const gradient = nativeTensor(`${this.#type}: output gradient`, outputGradient);
    return new Tensor(this.native.backward(gradient));
  }

  /**
   * Trainable parameters by name: live views of the layer's own memory.
   * @throws {@link StateError} before `build()`, for a layer that has any.
   */
  override get params(): Record<string, Parameter> {
    return Object.fromEntries(
      this.native
        .params()
        .map(({ name, value, gradient, decays }) => [
          name,
          { value: new Tensor(value), gradient: new Tensor(gradient as NativeTensor), decays },
        ]),
    );
  }

  /**
   * Non-trainable state by name; assigning copies values in.
   * @throws {@link StateError} before `build()`, for a layer that has any.
   */
  override get state(): Record<string, Tensor> {
    return Object.fromEntries(
      this.native.state().map(({ name, value }) => [name, new Tensor(value)]),
    );
  }

  override set state(values: Record<string, Tensor | TensorData>) {
    withTensors(this, (_, state) => {
      copyInto(this, 'state', state, values);
    });
  }

  override get trainable(): boolean {
    return this.native.trainable();
  }

  override set trainable(trainable: boolean) {
    this.native.setTrainable(checkBoolean(`${this.#type}: trainable`, trainable));
  }

  override getConfig(): Config {
    return { ...this.native.getConfig(), type: this.type };
  }

  override loadParams(values: Record<string, Tensor | TensorData>): void {
    withTensors(this, (params) => {
      // Asked for before anything is written: a layer of one's own inside this one may have disposed
      // of it just now.
      const { native } = this;
      copyInto(
        this,
        'parameter',
        mapValues(params, ({ value }) => value),
        values,
      );
      native.paramsLoaded();
    });
  }

  override dispose(): void {
    this.#handle.dispose();
  }

  /** The value of a parameter, for the properties named after it. */
  protected param(name: string): Tensor | undefined {
    const { [name]: found, ...others } = this.params;
    for (const { value, gradient } of Object.values(others)) {
      value.dispose();
      gradient.dispose();
    }
    found?.gradient.dispose();
    return found?.value;
  }
}
