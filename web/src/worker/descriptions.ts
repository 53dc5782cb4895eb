import type { PReLUOptions, SoftmaxOptions } from '../layers/activations.js';
import type { BatchNormalizationOptions } from '../layers/batch-normalization.js';
import type { LayerOptions } from '../layers/built-in-layer.js';
import type { ConvolutionalOptions } from '../layers/convolutional.js';
import type { DenseOptions } from '../layers/dense.js';
import type { Config, Layer, LayerConfig } from '../layers/layer.js';
import type { LayerNormalizationOptions } from '../layers/layer-normalization.js';
import type { PoolingOptions } from '../layers/pooling.js';
import type { Loss } from '../losses.js';
import type {
  AdamOptions,
  AdamWOptions,
  Optimizer,
  RMSpropOptions,
  SGDOptions,
} from '../optimizers.js';
import { nested } from '../nested.js';
import { ArgumentTypeError, describe } from '../runtime/errors.js';
import type { Schedule } from '../schedules.js';
import type { Shape } from '../tensor.js';

/** A class that a worker shall make an object of: all constructor arguments by name. */
type Description<Type extends string, Options> = { readonly type: Type } & Options;

/** {@link Description} of each class in a table of options. */
type Descriptions<Table> = {
  [Type in keyof Table & string]: Description<Type, Table[Type]>;
}[keyof Table & string];

/** Constructor arguments of every layer class. */
interface Layers<Custom> {
  Dense: DenseOptions & { readonly outputSize: number };
  Dropout: LayerOptions & { readonly probability?: number | undefined };
  BatchNormalization: BatchNormalizationOptions;
  BatchNormalization2D: BatchNormalizationOptions;
  LayerNormalization: LayerNormalizationOptions;
  Convolutional: ConvolutionalOptions & {
    readonly outputDepth: number;
    readonly kernelSize: number;
  };
  MaxPooling2D: PoolingOptions & { readonly poolSize?: number | undefined };
  AveragePooling2D: PoolingOptions & { readonly poolSize?: number | undefined };
  GlobalAveragePooling2D: LayerOptions;
  Flatten: LayerOptions;
  Reshape: LayerOptions & { readonly targetShape: Shape };
  Residual: LayerOptions & {
    readonly layers: readonly LayerDescription<Custom>[];
    readonly shortcut?: readonly LayerDescription<Custom>[] | undefined;
  };
  ReLU: LayerOptions;
  PReLU: PReLUOptions;
  LeakyReLU: PReLUOptions;
  GELU: LayerOptions;
  Sigmoid: LayerOptions;
  Tanh: LayerOptions;
  Swish: LayerOptions;
  Softmax: SoftmaxOptions;
}

/**
 * A layer of a model in a worker, as data: the name of its class and all constructor arguments by
 * name; `trainable: false` freezes it. A layer object works as well where the engine is loaded.
 * `Custom` describes layer classes of your own, which the worker must have registered with
 * `registerLayer`.
 * @example { type: 'Dense', outputSize: 10, inputSize: 784 }
 */
export type LayerDescription<Custom = never> =
  | (Descriptions<Layers<Custom>> & {
      /** Whether training changes the layer. Default true. */
      readonly trainable?: boolean | undefined;
    })
  | Layer
  | Custom;

/** Constructor arguments of every loss. */
interface Losses {
  MSE: unknown;
  Huber: { readonly delta?: number | undefined };
  BinaryCrossEntropy: unknown;
  CategoricalCrossEntropy: { readonly temperature?: number | undefined };
  SparseCategoricalCrossEntropy: { readonly temperature?: number | undefined };
}

/** A loss of a model in a worker, as {@link LayerDescription} is a layer. */
export type LossDescription<Custom = never> = Descriptions<Losses> | Loss | Custom;

/** Constructor arguments of every optimizer. */
interface Optimizers {
  SGD: SGDOptions;
  RMSprop: RMSpropOptions;
  Adam: AdamOptions;
  AdamW: AdamWOptions;
}

/** An optimizer of a model in a worker, as {@link LayerDescription} is a layer. */
export type OptimizerDescription = Descriptions<Optimizers> | Optimizer;

/** Constructor arguments of every schedule. */
interface Schedules {
  StepDecay: {
    readonly initial: number;
    readonly factor?: number | undefined;
    readonly every: number;
  };
  CosineDecay: {
    readonly initial: number;
    readonly final?: number | undefined;
    readonly steps: number;
  };
  WarmUp: { readonly steps: number; readonly schedule: ScheduleDescription };
}

/** A schedule of learning rates in a worker, as data; schedule objects work as well. */
export type ScheduleDescription = Descriptions<Schedules> | Schedule;

/** Constructor arguments of every metric. */
interface Metrics {
  Accuracy: unknown;
  Precision: unknown;
  Recall: unknown;
  F1Score: unknown;
  RMSE: unknown;
  MAE: unknown;
  R2Score: unknown;
  TopKAccuracy: { readonly k?: number | undefined };
}

/** A metric that a worker computes, as data. Metric classes of your own stay on this side. */
export type MetricDescription = Descriptions<Metrics>;

/**
 * A description as it crosses to the worker, objects turned into their configurations.
 * @param what - Its name in errors: "model: layer 0".
 * @param isLayer - Whether it may say that it is not trainable, which is no configuration.
 * @throws {@link ArgumentTypeError} for anything but an object with a type.
 */
export function toConfig(what: string, description: unknown, isLayer = false): LayerConfig {
  const given = Object(description) as { type?: unknown; getConfig?: () => Config };
  // A schedule has its type in its configuration.
  const config: Config = { type: given.type, ...(given.getConfig?.() ?? given) };
  if (isLayer && given.getConfig === undefined) {
    const { trainable = true } = config;
    if (typeof trainable !== 'boolean') {
      throw new ArgumentTypeError(
        `${what}: trainable must be true or false, got ${describe(trainable)}`,
      );
    }
    delete config['trainable'];
  }
  if (typeof config['type'] !== 'string') {
    throw new ArgumentTypeError(
      `${what} must be { type: 'ClassName', ...options }, got ${describe(description)}`,
    );
  }
  // The parts of a layer or schedule may be objects, too.
  for (const key of ['layers', 'shortcut']) {
    const inner = config[key];
    if (!Array.isArray(inner)) continue;
    config[key] = inner.map((each, i) =>
      nested(what, () => toConfig(`${what}: ${key} ${i}`, each, true)),
    );
  }
  if (config['schedule'] !== undefined) {
    const { schedule } = config;
    config['schedule'] = nested(what, () => toConfig(`${what}: schedule`, schedule));
  }
  return config as LayerConfig;
}
