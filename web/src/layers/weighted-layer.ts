import { checkBoolean, reject } from '../runtime/checks.js';
import type { Tensor } from '../tensor.js';
import { BuiltInLayer } from './built-in-layer.js';
import type { Initialization } from './layer.js';

/** Common part of the layers that have weights and biases. */
export abstract class WeightedLayer extends BuiltInLayer {
  /** How the weights are drawn. */
  get initialization(): Initialization {
    return this.getConfig()['initialization'] as Initialization;
  }

  /** Whether the layer works without biases. */
  get noBias(): boolean {
    return this.getConfig()['noBias'] as boolean;
  }

  /** The biases, live; undefined without them. */
  get biases(): Tensor | undefined {
    return this.param('biases');
  }

  /**
   * Draws the weights anew and sets the biases to zero.
   * @param method - How; 'auto' means 'xavier' here.
   * @param noBias - Whether to drop the biases, as before batch normalization.
   * Default: as it is.
   * @throws {@link StateError} before `build()`, {@link ValueError} or
   * {@link ArgumentTypeError} for another method.
   */
  initWeights(method: Initialization, noBias = this.noBias): void {
    const { type } = this;
    if (typeof method !== 'string') reject(`${type}: initialization`, 'a string', method);
    this.native.initWeights(method, checkBoolean(`${type}: noBias`, noBias));
  }
}
