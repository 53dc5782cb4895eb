import { Handle, nativeOf } from '../runtime/handle.js';
import { native } from '../runtime/init.js';
import type { NativeConfig, NativeLayer, NativeNamedTensor } from '../runtime/native.js';
import { type Shape, Tensor, tensor, type TensorData } from '../tensor.js';
import { type Config, Layer, type Parameter } from './layer.js';

/** Options that every built-in layer takes. */
export interface LayerOptions {
  /**
   * Shape of a sample going in, without the batch. The first layer of a model
   * needs it; others take it from the layer before. The layer is built at once.
   */
  readonly inputShape?: Shape;
}

class LayerHandle extends Handle<NativeLayer> {
  readonly #type: string;

  constructor(type: string, native: NativeLayer) {
    super(native);
    this.#type = type;
  }

  protected override get label(): string {
    return this.#type;
  }
}

/** Values as the engine takes them, and how to free the copies among them. */
function toNamedTensors(values: Record<string, Tensor | TensorData>): {
  list: NativeNamedTensor[];
  free: () => void;
} {
  const copies: Tensor[] = [];
  const list = Object.entries(values).map(([name, value]) => {
    const source = value instanceof Tensor ? value : tensor(value);
    if (source !== value) copies.push(source);
    return { name, value: nativeOf(source) };
  });
  return {
    list,
    free: () => {
      for (const copy of copies) copy.dispose();
    },
  };
}

/** Common part of the layers that run in WebAssembly. */
export abstract class BuiltInLayer extends Layer {
  readonly #type: string;
  readonly #handle: LayerHandle;

  /** @internal */
  constructor(type: string, config: NativeConfig) {
    super();
    this.#type = type;
    this.#handle = new LayerHandle(type, native(type).createLayer(type, config));
  }

  /** @internal */
  get native(): NativeLayer {
    return nativeOf(this.#handle);
  }

  override get type(): string {
    return this.#type;
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
   * Configures the layer for samples of `inputShape` and allocates its
   * parameters.
   * @throws {@link ShapeError} when the layer cannot take that shape.
   */
  override build(inputShape: Shape): void {
    this.native.build(inputShape);
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
    return new Tensor(this.native.forward(nativeOf(input), training));
  }

  /**
   * Backward pass for the last forward pass.
   * @throws {@link ShapeError} unless the gradient has the output's shape,
   * {@link StateError} before any `forward()`.
   */
  override backward(outputGradient: Tensor): Tensor {
    return new Tensor(this.native.backward(nativeOf(outputGradient)));
  }

  /**
   * Trainable parameters by name: live views of the layer's own memory.
   * @throws {@link StateError} before `build()`, for a layer that has any.
   */
  override get params(): Record<string, Parameter> {
    return Object.fromEntries(
      this.native
        .params()
        .map(({ name, value, gradient }) => [
          name,
          { value: new Tensor(value), gradient: new Tensor(gradient) },
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
    const { list, free } = toNamedTensors(values);
    try {
      this.native.loadState(list);
    } finally {
      free();
    }
  }

  override getConfig(): Config {
    return this.native.getConfig();
  }

  override loadParams(values: Record<string, Tensor | TensorData>): void {
    const { list, free } = toNamedTensors(values);
    try {
      this.native.loadParams(list);
    } finally {
      free();
    }
  }

  override dispose(): void {
    this.#handle.dispose();
  }

  /** The value of a parameter, for the properties named after it. */
  protected param(name: string): Tensor | undefined {
    return this.params[name]?.value;
  }
}
