import type { layerClasses } from '../layers/index.js';
import type { Config, Layer, LayerConfig } from '../layers/layer.js';
import type { Loss, losses } from '../losses.js';
import type { metrics } from '../metrics.js';
import type { Optimizer, optimizers } from '../optimizers.js';
import { nested } from '../nested.js';
import { layerLists } from '../part-names.js';
import type { Registry } from '../registry.js';
import { checkBoolean } from '../runtime/checks.js';
import { ArgumentTypeError, describe, shorten } from '../runtime/errors.js';
import type { Schedule, schedules } from '../schedules.js';

/** A constructor argument as data: layers and schedules in it are described, too. */
type Described<Value, Custom> = Value extends readonly Layer[]
  ? readonly LayerDescription<Custom>[]
  : Value extends Schedule
    ? ScheduleDescription
    : Value;

/** Options as data; an index, which says that there are none, is left out. */
type Options<Given, Custom> = {
  [Name in keyof Given as string extends Name ? never : Name]: Described<Given[Name], Custom>;
};

/** Constructor arguments by name, of which the first ones have no names of their own. */
type Named<Names, Values, Custom> = Names extends readonly [
  infer Name extends string,
  ...infer OtherNames,
]
  ? Values extends readonly [infer Value, ...infer Others]
    ? { readonly [Key in Name]: Described<Value, Custom> } & Named<OtherNames, Others, Custom>
    : Values extends readonly [_?: infer Value, ...others: infer Others]
      ? { readonly [Key in Name]?: Value | undefined } & Named<OtherNames, Others, Custom>
      : unknown
  : Values extends readonly [_?: infer Given]
    ? Options<Given, Custom>
    : unknown;

/** A union without those of its members that are as wide as `Wide`. */
type Without<Wide, Union> = Union extends unknown ? (Wide extends Union ? never : Union) : never;

/** A class as an object of it is described: its type and all constructor arguments by name. */
type Description<Class, Custom = never> = Class extends {
  readonly type: infer Type;
  new (...values: infer Values): unknown;
}
  ? {
      /** Name of the class. */
      readonly type: Without<string, Type>;
    } & Named<
      Class extends { readonly positional: infer Names } ? Without<readonly string[], Names> : [],
      Values,
      Custom
    >
  : never;

/** {@link Description} of each class in a registry. */
type Descriptions<All, Custom = never> =
  All extends Registry<unknown, infer Class> ? Description<Class, Custom> : never;

/**
 * A layer of a model in a worker, as data: the name of its class and all constructor arguments by
 * name; `trainable: false` freezes it. A layer object works as well where the engine is loaded.
 * `Custom` describes layer classes of your own, which the worker must have registered with
 * `registerLayer`.
 * @example { type: 'Dense', outputSize: 10, inputSize: 784 }
 */
export type LayerDescription<Custom = never> =
  | (Description<(typeof layerClasses)[number], Custom> & {
      /** Whether training changes the layer. Default true. */
      readonly trainable?: boolean | undefined;
    })
  | Layer
  | Custom;

/** A loss of a model in a worker, as {@link LayerDescription} is a layer. */
export type LossDescription<Custom = never> = Descriptions<typeof losses> | Loss | Custom;

/** An optimizer of a model in a worker, as {@link LayerDescription} is a layer. */
export type OptimizerDescription = Descriptions<typeof optimizers> | Optimizer;

/** A schedule of learning rates in a worker, as data; schedule objects work as well. */
export type ScheduleDescription = Descriptions<typeof schedules> | Schedule;

/** A metric that a worker computes, as data. Metric classes of your own stay on this side. */
export type MetricDescription = Descriptions<typeof metrics>;

/** Longest place of a description in messages. */
const maxPlace = 80;

/**
 * A description as it crosses to the worker, objects turned into their configurations.
 * @param place - Its name in errors: "model: layer 0".
 * @param isLayer - Whether it may say that it is not trainable, which is no configuration.
 * @throws {@link ArgumentTypeError} for anything but an object with a type.
 */
export function toConfig(place: string, description: unknown, isLayer = false): LayerConfig {
  // Of those deep in others both ends.
  const what = shorten(place, maxPlace);
  const given = Object(description) as { type?: unknown; getConfig?: () => Config };
  // A schedule has its type in its configuration.
  const config: Config = { type: given.type, ...(given.getConfig?.() ?? given) };
  if (isLayer && given.getConfig === undefined) {
    checkBoolean(`${what}: trainable`, config['trainable'] ?? true);
    delete config['trainable'];
  }
  if (typeof config['type'] !== 'string') {
    throw new ArgumentTypeError(
      `${what} must be { type: 'ClassName', ...options }, got ${describe(description)}`,
    );
  }
  // The parts of a layer or schedule may be objects, too.
  for (const key of layerLists) {
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
