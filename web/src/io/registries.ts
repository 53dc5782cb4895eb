import { checkRegistration, factoriesOf, type Factory } from '../factory.js';
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
import { describe, FormatError, suggest } from '../runtime/errors.js';
import { inEntry } from './file-array.js';

const builtInLosses = factoriesOf<Loss>({
  BinaryCrossEntropy,
  CategoricalCrossEntropy,
  Huber,
  MSE,
  SparseCategoricalCrossEntropy,
});

/** The built-in losses and what `registerLoss` added. */
const losses = new Map(Object.entries(builtInLosses));

/**
 * Makes a loss class of your own known by name, so that saved models which have one can be loaded.
 * @param name - The loss's `type`: the name of its class, unless it says otherwise.
 * @param factory - Makes a loss from what its `getConfig()` returned.
 * @throws {@link ValueError} for the name of a built-in loss, {@link ArgumentTypeError} for
 * anything but a name and a function.
 */
export function registerLoss(name: string, factory: (config: Config) => Loss): void {
  checkRegistration('registerLoss', builtInLosses, name, factory);
  losses.set(name, factory);
}

const optimizers = new Map(Object.entries(factoriesOf<Optimizer>({ Adam, AdamW, RMSprop, SGD })));

function create<Part>(
  kind: string,
  factories: ReadonlyMap<string, Factory<Part>>,
  { type, ...config }: LayerConfig,
): Part {
  const factory = factories.get(type);
  if (factory === undefined) {
    const known = suggest(type, Array.from(factories.keys()));
    throw new FormatError(kind, `${describe(type)} is not known${known}`);
  }
  return inEntry(kind, () => factory(config));
}

/**
 * Makes the loss that `{ type, ...loss.getConfig() }` describes.
 * @throws {@link FormatError} for an unknown class or argument.
 */
export function lossFromConfig(config: LayerConfig): Loss {
  return create('loss', losses, Object(config) as LayerConfig);
}

/**
 * Makes the optimizer that `{ type, ...optimizer.getConfig() }` describes, as if it had taken no
 * step.
 * @throws {@link FormatError} for an unknown class or argument.
 */
export function optimizerFromConfig(config: LayerConfig): Optimizer {
  return create('optimizer', optimizers, Object(config) as LayerConfig);
}
