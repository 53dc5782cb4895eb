import type { AxisOptions } from './axis.js';
import type { Config } from './layers/layer.js';
import { Adapter, lend, returned } from './lending.js';
import { builtInType, Registry, type TypeName, typeOf } from './registry.js';
import { checkMethods, optionsOf, reject } from './runtime/checks.js';
import { disposeSymbol, Handle, nativeOf } from './runtime/handle.js';
import { native } from './runtime/init.js';
import type { LossAdapter, NativeLoss, NativeTensor } from './runtime/native.js';
import { nativeTensor, Tensor } from './tensor.js';

/** Options of what has none. */
export type NoOptions = Readonly<Record<string, never>>;

/**
 * The quantity that a model minimises. Output and expected output have one shape, the batch
 * first, unless a loss takes class numbers; the built-in losses are summed over
 * a sample and averaged over the batch, the cross-entropies of classes averaged over steps and pixels
 * as well. A class of your own that extends this
 * one and implements `value` and `gradient` works in a {@link Model} like the
 * built-in ones.
 */
export abstract class Loss {
  /** Name of the class as data, as {@link Layer.type}. Default: the class's name in the program. */
  static readonly type?: string;

  /** As {@link Layer.positional}, for {@link registerLoss}. Default none. */
  static readonly positional?: readonly string[];

  /** Name of the class: its static `type`. */
  get type(): string {
    return typeOf(this);
  }

  /**
   * Value of the loss over a batch. A model frees the tensors that it hands to `value` and
   * `gradient` when these return: keep a clone of one that is needed longer.
   */
  abstract value(output: Tensor, expected: Tensor): number;

  /** Gradient of the value with respect to the output: a tensor of its shape. */
  abstract gradient(output: Tensor, expected: Tensor): Tensor;

  /** All constructor arguments by name. */
  getConfig(): Config {
    return {};
  }

  /** Frees what the loss holds; a second call does nothing. */
  dispose(): void {
    // A loss without native memory of its own has nothing to free.
  }

  /** As `dispose()`, for `using`. */
  [disposeSymbol](): void {
    this.dispose();
  }
}

/** Common part of the losses that run in WebAssembly. */
export abstract class BuiltInLoss extends Loss {
  /** @internal Type of the activation that it includes, and `predict` applies. */
  static readonly activation?: string;

  /** @internal Arguments that the .npz layout leaves out, as of built-in layers. */
  static readonly leftOut?: Config;

  readonly #handle: Handle<NativeLoss>;

  /**
   * @internal
   * @param create - Makes the loss otherwise than of its options.
   */
  constructor(options: object, likely = 'name', create?: () => NativeLoss) {
    super();
    const type = builtInType(new.target);
    const config = optionsOf(type, options, likely);
    this.#handle = new Handle(create?.() ?? native(type).createLoss(type, config), type);
  }

  /** @internal */
  get native(): NativeLoss {
    return nativeOf(this.#handle);
  }

  override get type(): string {
    return (this.constructor as typeof BuiltInLoss).type as string;
  }

  /**
   * Value of the loss.
   * @throws {@link ShapeError} when the shapes do not fit.
   */
  override value(output: Tensor, expected: Tensor): number {
    return this.native.value(...this.#tensors(output, expected));
  }

  /**
   * Gradient of the loss with respect to the output.
   * @throws {@link ShapeError} when the shapes do not fit.
   */
  override gradient(output: Tensor, expected: Tensor): Tensor {
    return new Tensor(this.native.gradient(...this.#tensors(output, expected)));
  }

  override getConfig(): Config {
    return this.native.getConfig();
  }

  override dispose(): void {
    this.#handle.dispose();
  }

  #tensors(output: Tensor, expected: Tensor): [NativeTensor, NativeTensor] {
    return [
      nativeTensor(`${this.type}: output`, output),
      nativeTensor(`${this.type}: expected output`, expected),
    ];
  }
}

/** A loss written in TypeScript as the engine wants to see it. */
class CustomLossAdapter extends Adapter<Loss> implements LossAdapter {
  value(...tensors: [output: NativeTensor, expected: NativeTensor]): number {
    const value = this.#call('value', tensors);
    if (typeof value === 'number') return value;
    return reject(`${this.part.type}: value()`, 'a number', value);
  }

  gradient(...tensors: [output: NativeTensor, expected: NativeTensor]): NativeTensor {
    return returned(this.part, 'gradient', this.#call('gradient', tensors));
  }

  #call(method: 'value' | 'gradient', tensors: readonly NativeTensor[]): unknown {
    const loss = this.part;
    return lend(loss, method, tensors, (output, expected) => loss[method](output, expected));
  }
}

/**
 * Calls `use` with a loss as the engine sees it, whoever wrote it; what it makes
 * of it must hold a reference of its own.
 * @throws {@link ArgumentTypeError} for anything but a loss.
 */
export function withNativeLoss<Result>(loss: Loss, use: (loss: NativeLoss) => Result): Result {
  if (!((loss as unknown) instanceof Loss)) reject('Model: loss', 'a Loss', loss);
  if (loss instanceof BuiltInLoss) {
    checkMethods('Model: loss', loss, BuiltInLoss, ['value', 'gradient']);
    return use(loss.native);
  }
  const type: unknown = loss.type;
  if (typeof type !== 'string') reject('Model: the type of the loss', 'a string', type);
  const custom = native('Model').createCustomLoss(type, new CustomLossAdapter(loss));
  try {
    return use(custom);
  } finally {
    custom.delete();
  }
}

/**
 * Mean squared error: the sum of (output - expected)^2 over a sample (Bishop, "Pattern recognition
 * and machine learning", 2006, equation 5.11, twice that).
 */
export class MSE extends BuiltInLoss {
  static override readonly type: TypeName<'MSE'> = 'MSE';

  constructor(options: NoOptions = {}) {
    super(options);
  }
}

/**
 * Huber's loss (Huber, 1964), which outliers pull less than {@link MSE}: per
 * output, with d = output - expected, d^2 / 2 where |d| <= delta and
 * delta (|d| - delta / 2) beyond, summed over a sample.
 */
export class Huber extends BuiltInLoss {
  static override readonly type: TypeName<'Huber'> = 'Huber';

  /** @throws {@link ValueError} unless delta is greater than 0; default 1. */
  constructor(
    options: {
      /** Distance from which the loss grows in a straight line; greater than 0. Default 1. */
      readonly delta?: number | undefined;
    } = {},
  ) {
    super(options, 'delta');
  }
}

/**
 * Binary cross-entropy on logits z, for one or several yes-or-no outputs:
 * max(z, 0) - z y + log(1 + e^-|z|), which is Bishop's equation 4.90 (2006) without its overflow. A
 * model with this loss predicts sigmoid(z).
 */
export class BinaryCrossEntropy extends BuiltInLoss {
  static override readonly type: TypeName<'BinaryCrossEntropy'> = 'BinaryCrossEntropy';
  static override readonly activation = 'Sigmoid';

  constructor(options: NoOptions = {}) {
    super(options);
  }
}

/** Options of {@link CategoricalCrossEntropy} and {@link SparseCategoricalCrossEntropy}. */
export interface CrossEntropyOptions extends AxisOptions {
  /** Divides the logits; greater than 0. Default 1. */
  readonly temperature?: number | undefined;
}

/**
 * Categorical cross-entropy on logits z [batch, classes], [batch, time, classes] or
 * [batch, classes, height, width] against a distribution over the classes in the same shape, usually
 * one-hot, averaged over batch, steps and pixels: the sum of
 * -y log softmax(z / temperature), exact for any logits (Bishop, 2006, equation 4.108; the
 * temperature is Hinton, Vinyals, Dean's, 2015, equation 1). A model with this loss predicts
 * softmax(z / temperature).
 */
export class CategoricalCrossEntropy extends BuiltInLoss {
  static override readonly type: TypeName<'CategoricalCrossEntropy'> = 'CategoricalCrossEntropy';
  static override readonly activation = 'Softmax';
  static override readonly leftOut = { temperature: 1 };

  /** @throws {@link ValueError} unless the temperature is greater than 0 and the axis whole. */
  constructor(options: CrossEntropyOptions = {}) {
    super(options, 'temperature');
  }
}

/**
 * {@link CategoricalCrossEntropy} for expected outputs that are class numbers,
 * whole numbers from 0 to classes - 1 in a tensor [batch] or [batch, 1], [batch, time] or
 * [batch, height, width], instead of one-hot rows: -log softmax(z / temperature)[label]. Values and
 * gradients are the same bit for bit.
 */
export class SparseCategoricalCrossEntropy extends BuiltInLoss {
  static override readonly type: TypeName<'SparseCategoricalCrossEntropy'> =
    'SparseCategoricalCrossEntropy';
  static override readonly activation = 'Softmax';
  static override readonly leftOut = { temperature: 1 };

  /** @throws {@link ValueError} unless the temperature is greater than 0 and the axis whole. */
  constructor(options: CrossEntropyOptions = {}) {
    super(options, 'temperature');
  }
}

const lossClasses = [
  MSE,
  Huber,
  BinaryCrossEntropy,
  CategoricalCrossEntropy,
  SparseCategoricalCrossEntropy,
] as const;

/** All loss classes that are known by name. */
export const losses = /* @__PURE__ */ new Registry<Loss, (typeof lossClasses)[number]>(
  'loss',
  lossClasses,
  '; registerLoss makes classes known',
);
