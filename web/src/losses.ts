import type { Config } from './layers/layer.js';
import { Handle, nativeOf } from './runtime/handle.js';
import { native } from './runtime/init.js';
import type { NativeConfig, NativeLoss, NativeTensor } from './runtime/native.js';
import { nativeTensor, Tensor } from './tensor.js';

/**
 * What a model minimises. Output and expected output have one shape, the batch
 * first; the loss is summed over a sample and averaged over the batch.
 */
export abstract class Loss extends Handle<NativeLoss> {
  /** Name of the class. */
  readonly type: string;

  /** @internal */
  constructor(type: string, config: NativeConfig) {
    super(native(type).createLoss(type, config));
    this.type = type;
  }

  protected override get label(): string {
    return this.type;
  }

  /**
   * Value of the loss.
   * @throws {@link ShapeError} when the shapes differ.
   */
  value(output: Tensor, expected: Tensor): number {
    const { value, gradient } = this.#compute(output, expected);
    gradient.delete();
    return value;
  }

  /**
   * Gradient of the loss with respect to the output.
   * @throws {@link ShapeError} when the shapes differ.
   */
  gradient(output: Tensor, expected: Tensor): Tensor {
    return new Tensor(this.#compute(output, expected).gradient);
  }

  /** All constructor arguments by name. */
  getConfig(): Config {
    return nativeOf(this).getConfig();
  }

  #compute(output: Tensor, expected: Tensor): { value: number; gradient: NativeTensor } {
    return nativeOf(this).compute(
      nativeTensor(`${this.type}: output`, output),
      nativeTensor(`${this.type}: expected output`, expected),
    );
  }
}

/** Mean squared error: the sum of (output - expected)^2 over a sample. */
export class MSE extends Loss {
  constructor() {
    super('MSE', {});
  }
}

/**
 * Binary cross-entropy on logits z, for one or several yes-or-no outputs:
 * max(z, 0) - z y + log(1 + e^-|z|). A model with this loss predicts sigmoid(z).
 */
export class BinaryCrossEntropy extends Loss {
  constructor() {
    super('BinaryCrossEntropy', {});
  }
}

/**
 * Categorical cross-entropy on logits z [batch, classes] against a
 * distribution over the classes, usually one-hot: the sum of
 * -y log softmax(z / temperature), exact for any logits. A model with this loss
 * predicts softmax(z / temperature).
 */
export class CategoricalCrossEntropy extends Loss {
  /** @throws {@link ValueError} unless the temperature is greater than 0. */
  constructor(options: { readonly temperature?: number | undefined } = {}) {
    super('CategoricalCrossEntropy', { ...options });
  }
}
