import { BuiltInLayer } from './layers/built-in-layer.js';
import { nativeParams } from './layers/custom-layer.js';
import { checkLayer, type Config, type Layer } from './layers/layer.js';
import { checkArray, optionsOf, rate } from './runtime/checks.js';
import { builtInType, Registry, type TypeName } from './registry.js';
import { Handle, nativeOf } from './runtime/handle.js';
import { native } from './runtime/init.js';
import type { NativeObject, NativeOptimizer, NativeTensor } from './runtime/native.js';

/** Options of every optimizer. */
export interface OptimizerOptions {
  /** Size of a step, at least 0. */
  readonly learningRate?: number | undefined;
  /**
   * Greatest Euclidean norm that the gradients of all parameters together may
   * have; greater ones are scaled down to it (Pascanu, Mikolov, Bengio, 2013).
   * Greater than 0. Default none.
   */
  readonly clipNorm?: number | undefined;
}

/** Options of the optimizers that offer a choice of regularisation. */
export interface RegularizedOptions extends OptimizerOptions {
  /** Penalty that `weightDecay` adds for parameters that decay ({@link Parameter}). Default 'L2'. */
  readonly regularization?: 'L1' | 'L2' | undefined;
  /** Strength of the regularisation, at least 0. Default 0. */
  readonly weightDecay?: number | undefined;
}

/** How parameters follow their gradients. One optimizer serves one model, as it remembers the steps. */
export abstract class Optimizer extends Handle<NativeOptimizer> {
  /** Name of the class as data. */
  static readonly type: string;

  /** Name of the class. */
  readonly type: string;

  /** @internal */
  constructor(options: object) {
    const type = builtInType(new.target);
    super(native(type).createOptimizer(type, optionsOf(type, options, 'learningRate')), type);
    this.type = type;
  }

  /** Size of a step; may be changed between steps. */
  get learningRate(): number {
    return this.getConfig()['learningRate'] as number;
  }

  /** @throws {@link ValueError} unless it is finite and at least 0. */
  set learningRate(learningRate: number) {
    nativeOf(this).setLearningRate(rate(`${this.type}: learningRate`, learningRate));
  }

  /** All constructor arguments by name. */
  getConfig(): Config {
    return nativeOf(this).getConfig();
  }

  /**
   * Updates the parameters of layers from their gradients, for training
   * without a {@link Model}.
   * @throws {@link StateError} when these are not the layers of the first step,
   * {@link ArgumentTypeError} for anything but layers.
   */
  step(layers: readonly Layer[]): void {
    const call = `${this.type}.step`;
    checkArray(`${call}: layers`, layers);
    for (const layer of layers) checkLayer(call, layer);
    const free: NativeObject[] = [];
    try {
      const parameters = layers.flatMap((layer, i) => {
        const builtIn = layer instanceof BuiltInLayer;
        const own = builtIn ? layer.native.params() : nativeParams(layer);
        // Handles made just now; those of a layer written in TypeScript are its own.
        if (builtIn) {
          for (const { value, gradient } of own) free.push(value, gradient as NativeTensor);
        }
        return own.map(({ name, trainable, ...tensors }) => ({
          ...tensors,
          name: `layer_${i}_${name}`,
          trainable: trainable && layer.trainable,
        }));
      });
      nativeOf(this).step(parameters);
    } finally {
      for (const handle of free) handle.delete();
    }
  }
}

/** Options of {@link SGD}. */
export interface SGDOptions extends RegularizedOptions {
  /** Share of the last step that is taken again, from 0 to 1. Default 0. */
  readonly momentum?: number | undefined;
  /**
   * Whether the gradient counts as that of the point where momentum leads:
   * parameter += momentum * velocity - learningRate * gradient (Sutskever et
   * al., 2013). Default false.
   */
  readonly nesterov?: boolean | undefined;
}

/**
 * Stochastic gradient descent with momentum: velocity = momentum * velocity -
 * learningRate * gradient; parameter += velocity. Learning rate 0.01 by default.
 */
export class SGD extends Optimizer {
  static override readonly type: TypeName<'SGD'> = 'SGD';

  /**
   * @throws {@link ValueError} for options out of range or unknown, {@link ArgumentTypeError} for
   * those of another type and for anything but an object of them.
   */
  constructor(options: SGDOptions = {}) {
    super(options);
  }
}

/** Options of {@link RMSprop}. */
export interface RMSpropOptions extends RegularizedOptions {
  /** Share of the running mean square that is kept, in [0, 1). Default 0.9. */
  readonly decayRate?: number | undefined;
  /** Added to the root. Default 1e-8. */
  readonly epsilon?: number | undefined;
}

/**
 * RMSprop: each step is divided by a running root mean square of the gradient
 * (Tieleman, Hinton, 2012). Learning rate 0.001 by default.
 */
export class RMSprop extends Optimizer {
  static override readonly type: TypeName<'RMSprop'> = 'RMSprop';

  /**
   * @throws {@link ValueError} for options out of range or unknown, {@link ArgumentTypeError} for
   * those of another type and for anything but an object of them.
   */
  constructor(options: RMSpropOptions = {}) {
    super(options);
  }
}

/** Common part of {@link Adam} and {@link AdamW}. */
interface Moments {
  /** Share of the running mean that is kept, in [0, 1). Default 0.9. */
  readonly beta1?: number | undefined;
  /** Share of the running mean square that is kept, in [0, 1). Default 0.999. */
  readonly beta2?: number | undefined;
  /** Added to the root. Default 1e-8. */
  readonly epsilon?: number | undefined;
}

/** Options of {@link Adam}. */
export interface AdamOptions extends RegularizedOptions, Moments {}

/** Options of {@link AdamW}. */
export interface AdamWOptions extends OptimizerOptions, Moments {
  /** Strength of the decay, at least 0. Default 0.01. */
  readonly weightDecay?: number | undefined;
}

/**
 * Adam (Kingma, Ba, 2015), with L2 weight decay decoupled from the gradient
 * (Loshchilov, Hutter, 2019) and applied after the update. Learning rate 0.001 by default.
 */
export class Adam extends Optimizer {
  static override readonly type: TypeName<'Adam'> = 'Adam';

  /**
   * @throws {@link ValueError} for options out of range or unknown, {@link ArgumentTypeError} for
   * those of another type and for anything but an object of them.
   */
  constructor(options: AdamOptions = {}) {
    super(options);
  }
}

/**
 * Adam with weight decay as PyTorch's AdamW has it: before the update,
 * parameter *= 1 - learningRate * weightDecay (Loshchilov, Hutter, 2019,
 * algorithm 2). Biases, beta and gamma do not decay. Learning rate 0.001 by
 * default.
 */
export class AdamW extends Optimizer {
  static override readonly type: TypeName<'AdamW'> = 'AdamW';

  /**
   * @throws {@link ValueError} for options out of range or unknown, {@link ArgumentTypeError} for
   * those of another type and for anything but an object of them.
   */
  constructor(options: AdamWOptions = {}) {
    super(options);
  }
}

const optimizerClasses = [SGD, RMSprop, Adam, AdamW] as const;

/** All optimizer classes by name. */
export const optimizers = /* @__PURE__ */ new Registry<
  Optimizer,
  (typeof optimizerClasses)[number]
>('optimizer', optimizerClasses);
