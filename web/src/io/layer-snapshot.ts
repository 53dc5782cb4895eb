import type { LayerConfig } from '../layers/layer.js';
import type { Shape } from '../shape.js';
import type { FileArray } from './file-array.js';

/** Arrays by name. */
export type Arrays = Readonly<Record<string, FileArray>>;

/** A layer as data. */
export interface LayerSnapshot {
  readonly config: LayerConfig;
  /** Whether it is one of the package's own. */
  readonly builtIn: boolean;
  readonly trainable: boolean;
  /** Of the package's own. */
  readonly inputShape: Shape;
  readonly params: Arrays;
  readonly state: Arrays;
  /** Positions of its random numbers. */
  readonly random: readonly number[];
  /** The layers inside a Residual, by its arguments; their arrays are among its own, too. */
  readonly parts: Readonly<Record<string, readonly LayerSnapshot[]>>;
}
