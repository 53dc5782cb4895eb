import type { ArgumentNames, TypeName } from '../../index.js';
import { between, type Draws, type ImageSize } from './augmentation.js';
import { GeometricAugmentation, type GeometricOptions } from './geometric.js';
import { type Bounds, boundsOf, checkFactor, type Factor } from './options.js';
import type { AffineMap } from './resampling.js';
import { streams } from './streams.js';

/**
 * Shifts each image [C, H, W] of a batch by a part of its height and width, in training only.
 * @example new RandomTranslation(0.1, [0, 0.2], { fillMode: 'nearest', seed: 3 })
 */
export class RandomTranslation extends GeometricAugmentation {
  static override readonly type: TypeName<'RandomTranslation'> = 'RandomTranslation';
  static override readonly positional: ArgumentNames<['heightFactor', 'widthFactor']> = [
    'heightFactor',
    'widthFactor',
  ];

  readonly #vertical: Bounds;
  readonly #horizontal: Bounds;

  /**
   * @param heightFactor - Shift as a part of the height, down where it is positive: between -f and f,
   * or between the two of a pair. From -1 to 1.
   * @param widthFactor - Likewise of the width, to the right where it is positive.
   * @throws {@link ArgumentTypeError} or {@link ValueError} for other factors and options.
   */
  constructor(heightFactor: Factor, widthFactor: Factor, options: GeometricOptions = {}) {
    const checks = { heightFactor: checkFactor, widthFactor: checkFactor };
    super(streams.translation, { heightFactor, widthFactor }, 2, checks, options);
    this.#vertical = boundsOf(this.heightFactor);
    this.#horizontal = boundsOf(this.widthFactor);
  }

  /** Shift down as a part of the height. */
  get heightFactor(): Factor {
    return this.getConfig()['heightFactor'] as Factor;
  }

  /** Shift to the right as a part of the width. */
  get widthFactor(): Factor {
    return this.getConfig()['widthFactor'] as Factor;
  }

  /** @internal */
  protected override change([vertical, horizontal]: Draws, size: ImageSize): AffineMap {
    const down = between(this.#vertical, vertical) * size.height;
    const right = between(this.#horizontal, horizontal) * size.width;
    return { a0: 1, a1: 0, a2: -right, b0: 0, b1: 1, b2: -down };
  }
}
