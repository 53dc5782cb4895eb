import type { ArgumentNames, TypeName } from '../../index.js';
import { between, type Draws } from './augmentation.js';
import { type Bounds, checkContrastFactor, type Factor } from './options.js';
import { streams } from './streams.js';
import { TonalAugmentation, type TonalOptions } from './tonal.js';

/**
 * Scales the distances of all pixels from the mean of their channel, another factor for each image of a
 * batch, and clips the results to `range`, in training only: y = c (x - mean) + mean.
 * @example new RandomContrast(0.2) // c from 0.8 to 1.2
 */
export class RandomContrast extends TonalAugmentation {
  static override readonly type: TypeName<'RandomContrast'> = 'RandomContrast';
  static override readonly positional: ArgumentNames<['factor']> = ['factor'];

  readonly #bounds: Bounds;

  /**
   * @param factor - c lies between 1 - f and 1 + f, or, as in Keras, between 1 - lower and 1 + upper
   * for a pair: [-0.5, 0.5] is c = 1.5. From -1 to 1.
   * @throws {@link ArgumentTypeError} or {@link ValueError} for another factor and other options.
   */
  constructor(factor: Factor, options: TonalOptions = {}) {
    super(streams.contrast, factor, checkContrastFactor, options);
    const own = this.factor;
    const [lower, upper] = typeof own === 'number' ? [own, own] : own;
    this.#bounds = [1 - lower, 1 + upper];
  }

  /** @internal */
  protected override change([draw]: Draws): number {
    return between(this.#bounds, draw);
  }

  /** @internal */
  protected override line(pixels: Float32Array, change: number) {
    let sum = 0;
    for (let i = 0; i < pixels.length; i++) sum += pixels[i] as number;
    const mean = sum / pixels.length;
    return { scale: change, pivot: mean, shift: mean };
  }
}
