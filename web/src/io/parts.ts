import type { Config, LayerConfig } from '../layers/layer.js';
import {
  BinaryCrossEntropy,
  CategoricalCrossEntropy,
  Huber,
  type Loss,
  MSE,
  SparseCategoricalCrossEntropy,
} from '../losses.js';
import { Adam, AdamW, type Optimizer, RMSprop, SGD } from '../optimizers.js';
import { FormatError, ValueError } from '../runtime/errors.js';
import { inEntry } from './arrays.js';

const losses: Record<string, (config: Config) => Loss> = {
  MSE: () => new MSE(),
  BinaryCrossEntropy: () => new BinaryCrossEntropy(),
  CategoricalCrossEntropy: (config) => new CategoricalCrossEntropy(config),
  SparseCategoricalCrossEntropy: (config) => new SparseCategoricalCrossEntropy(config),
  Huber: (config) => new Huber(config),
};

/** What `registerLoss` added. */
const registered = new Map<string, (config: Config) => Loss>();

/**
 * Makes a loss class of your own known by name, so that saved models which have one can be loaded.
 * @param name - The loss's `type`: the name of its class, unless it says otherwise.
 * @param factory - Makes a loss from what its `getConfig()` returned.
 * @throws {@link ValueError} for the name of a built-in loss.
 */
export function registerLoss(name: string, factory: (config: Config) => Loss): void {
  if (Object.hasOwn(losses, name)) {
    throw new ValueError(`registerLoss: '${name}' is the name of a built-in loss`);
  }
  registered.set(name, factory);
}

const optimizers: Record<string, (config: Config) => Optimizer> = {
  SGD: (config) => new SGD(config),
  RMSprop: (config) => new RMSprop(config),
  Adam: (config) => new Adam(config),
  AdamW: (config) => new AdamW(config),
};

function create<Part>(
  kind: string,
  factories: ReadonlyMap<string, (config: Config) => Part>,
  { type, ...config }: LayerConfig,
): Part {
  const factory = factories.get(type);
  if (factory === undefined) {
    const known = Array.from(factories.keys()).join(', ');
    throw new FormatError(kind, `'${type}' is not known; known are: ${known}`);
  }
  return inEntry(kind, () => factory(config));
}

/**
 * Makes the loss that `{ type, ...loss.getConfig() }` describes.
 * @throws {@link FormatError} for an unknown class or argument.
 */
export function lossFromConfig(config: LayerConfig): Loss {
  return create('loss', new Map([...Object.entries(losses), ...registered]), config);
}

/**
 * Makes the optimizer that `{ type, ...optimizer.getConfig() }` describes, as if it had taken no
 * step.
 * @throws {@link FormatError} for an unknown class or argument.
 */
export function optimizerFromConfig(config: LayerConfig): Optimizer {
  return create('optimizer', new Map(Object.entries(optimizers)), config);
}
