import type { ArgumentNames, TypeName } from '../../index.js';
import { between, type Draws, type ImageSize } from './augmentation.js';
import { GeometricAugmentation, type GeometricOptions } from './geometric.js';
import { type Bounds, boundsOf, checkFactor, type Factor } from './options.js';
import type { AffineMap } from './resampling.js';
import { streams } from './streams.js';
import { sineAndCosine } from './turns.js';

/**
 * Turns each image [C, H, W] of a batch about its centre, in training only.
 * @example new RandomRotation(0.05) // by at most 18 degrees
 */
export class RandomRotation extends GeometricAugmentation {
  static override readonly type: TypeName<'RandomRotation'> = 'RandomRotation';
  static override readonly positional: ArgumentNames<['factor']> = ['factor'];

  readonly #bounds: Bounds;

  /**
   * @param factor - Angle as a part of a full turn, counterclockwise where it is positive: between -f
   * and f, or between the two of a pair. From -1 to 1.
   * @throws {@link ArgumentTypeError} or {@link ValueError} for another factor and other options.
   */
  constructor(factor: Factor, options: GeometricOptions = {}) {
    super(streams.rotation, { factor }, 1, { factor: checkFactor }, options);
    this.#bounds = boundsOf(this.factor);
  }

  /** Angle as a part of a full turn. */
  get factor(): Factor {
    return this.getConfig()['factor'] as Factor;
  }

  /** @internal */
  protected override change([draw]: Draws, { height, width }: ImageSize): AffineMap {
    const [sine, cosine] = sineAndCosine(between(this.#bounds, draw));
    const [x, y] = [(width - 1) / 2, (height - 1) / 2];
    return {
      a0: cosine,
      a1: -sine,
      a2: x - cosine * x + sine * y,
      b0: sine,
      b1: cosine,
      b2: y - sine * x - cosine * y,
    };
  }
}
