import type { Shape } from '../tensor.js';
import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';

/** [N, ...] to [N, ...targetShape]: the same numbers in the same order. */
export class Reshape extends BuiltInLayer {
  /**
   * @param targetShape - Shape of a sample going out, of as many numbers as
   * come in; `build()` throws {@link ShapeError} otherwise.
   */
  constructor(targetShape: Shape, options: LayerOptions = {}) {
    super('Reshape', options, 'inputShape', { targetShape });
  }

  /** Shape of a sample going out. */
  get targetShape(): Shape {
    return this.getConfig()['targetShape'] as Shape;
  }
}
