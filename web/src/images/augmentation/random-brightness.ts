import type { ArgumentNames, TypeName } from '../../index.js';
import { between, type Draws } from './augmentation.js';
import { type Bounds, boundsOf, checkFactor, type Factor } from './options.js';
import { streams } from './streams.js';
import { TonalAugmentation, type TonalOptions } from './tonal.js';

/**
 * Adds a number to all pixels of each image of a batch, and clips them to `range`, in training only.
 * @example new RandomBrightness(0.2)
 * @example new RandomBrightness([0, 0.1], { range: [0, 255] }) // adds 0 to 25.5
 */
export class RandomBrightness extends TonalAugmentation {
  static override readonly type: TypeName<'RandomBrightness'> = 'RandomBrightness';
  static override readonly positional: ArgumentNames<['factor']> = ['factor'];

  readonly #bounds: Bounds;

  /**
   * @param factor - What is added, as a part of the range: between -f and f, or between the two of a
   * pair. From -1 to 1.
   * @throws {@link ArgumentTypeError} or {@link ValueError} for another factor and other options.
   */
  constructor(factor: Factor, options: TonalOptions = {}) {
    super(streams.brightness, factor, checkFactor, options);
    this.#bounds = boundsOf(this.factor);
  }

  /** @internal */
  protected override change([draw]: Draws): number {
    const [lower, upper] = this.range;
    return between(this.#bounds, draw) * (upper - lower);
  }

  /** @internal */
  protected override line(_: Float32Array, change: number) {
    return { scale: 1, pivot: 0, shift: change };
  }
}
