import type { Tensor } from '../tensor.js';
import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';

/** Options of {@link LayerNormalization}. */
export interface LayerNormalizationOptions extends LayerOptions {
  /** Added to the variance, at least 0. Default 1e-5. */
  readonly epsilon?: number | undefined;
}

/**
 * Layer normalization (Ba, Kiros, Hinton, 2016): every sample is normalized by
 * the mean and variance of all its numbers, then scaled by gamma and shifted by
 * beta; the same in training and inference.
 */
export class LayerNormalization extends BuiltInLayer {
  /** @throws {@link ValueError} unless epsilon is finite and at least 0. */
  constructor(options: LayerNormalizationOptions = {}) {
    super('LayerNormalization', options, 'epsilon');
  }

  /** Added to the variance. */
  get epsilon(): number {
    return this.getConfig()['epsilon'] as number;
  }

  /** Scale [1, ...inputShape], live. */
  get gamma(): Tensor {
    return this.param('gamma') as Tensor;
  }

  /** Shift [1, ...inputShape], live. */
  get beta(): Tensor {
    return this.param('beta') as Tensor;
  }
}
