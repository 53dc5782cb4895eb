import type { Config, LayerConfig } from '../layers/layer.js';
import { Loss, losses } from '../losses.js';
import { type Optimizer, optimizers } from '../optimizers.js';
import type { PartClass } from '../registry.js';
import { inEntry } from './file-array.js';

/**
 * Makes a loss class of your own known, so that saved models which have one can be loaded; otherwise
 * as {@link registerLayer}.
 * @param LossClass - With a static `type`.
 */
export function registerLoss(LossClass: PartClass<Loss>): void;
/**
 * Makes a loss class of your own known by name.
 * @param name - The loss's `type`.
 * @param factory - Makes a loss from what its `getConfig()` returned.
 * @throws {@link ValueError} for the name of a built-in loss, {@link ArgumentTypeError} for
 * anything but a name and a function.
 */
export function registerLoss(name: string, factory: (config: Config) => Loss): void;
export function registerLoss(
  given: string | PartClass<Loss>,
  factory?: (config: Config) => Loss,
): void {
  losses.register('registerLoss', Loss, given, factory);
}

/**
 * Makes the loss that `{ type, ...loss.getConfig() }` describes.
 * @throws {@link FormatError} for an unknown class or argument.
 */
export function lossFromConfig(config: LayerConfig): Loss {
  return inEntry('loss', () => losses.create(config));
}

/**
 * Makes the optimizer that `{ type, ...optimizer.getConfig() }` describes, as if it had taken no
 * step.
 * @throws {@link FormatError} for an unknown class or argument.
 */
export function optimizerFromConfig(config: LayerConfig): Optimizer {
  return inEntry('optimizer', () => optimizers.create(config));
}
