import type { Config } from '../layers/layer.js';
import { layers } from '../layers/registry.js';
import { losses } from '../losses.js';
import { optimizers } from '../optimizers.js';

/** The part of a class that the .npz layout depends on. */
interface BuiltInClass {
  readonly type: string;
  readonly leftOut?: Config;
}

/** The layer, loss or optimizer class of the package's own with a type, if there is one. */
export function builtInClass(type: string): BuiltInClass | undefined {
  return layers.builtIn.get(type) ?? losses.builtIn.get(type) ?? optimizers.builtIn.get(type);
}
