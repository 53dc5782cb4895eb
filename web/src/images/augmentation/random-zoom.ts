import type { ArgumentNames, TypeName } from '../../index.js';
import { between, type Draws, type ImageSize } from './augmentation.js';
import { GeometricAugmentation, type GeometricOptions } from './geometric.js';
import { type Bounds, boundsOf, checkZoomFactor, type Factor } from './options.js';
import type { AffineMap } from './resampling.js';
import { streams } from './streams.js';

/**
 * Makes what each image [C, H, W] of a batch shows smaller or larger about its centre, in training only;
 * its height and width stay.
 * @example new RandomZoom(0.2) // shows from 0.8 to 1.2 of the height and the width
 */
export class RandomZoom extends GeometricAugmentation {
  static override readonly type: TypeName<'RandomZoom'> = 'RandomZoom';
  static override readonly positional: ArgumentNames<['heightFactor', 'widthFactor']> = [
    'heightFactor',
    'widthFactor',
  ];

  readonly #vertical: Bounds;
  readonly #horizontal: Bounds | undefined;

  /**
   * @param heightFactor - The part of the height that is shown, less 1: positive zooms out, negative
   * in. Between -f and f, or between the two of a pair. Above -1, at most 1.
   * @param widthFactor - Likewise of the width. Default: as drawn for the height, so that proportions
   * stay.
   * @throws {@link ArgumentTypeError} or {@link ValueError} for other factors and options.
   */
  constructor(heightFactor: Factor, widthFactor?: Factor, options: GeometricOptions = {}) {
    const checks = { heightFactor: checkZoomFactor, widthFactor: checkZoomFactor };
    super(streams.zoom, { heightFactor, widthFactor }, 1, checks, options);
    this.#vertical = boundsOf(this.heightFactor);
    const wide = this.widthFactor;
    this.#horizontal = wide === undefined ? undefined : boundsOf(wide);
  }

  /** The part of the height that is shown, less 1. */
  get heightFactor(): Factor {
    return this.getConfig()['heightFactor'] as Factor;
  }

  /** The part of the width that is shown, less 1; undefined where it is that of the height. */
  get widthFactor(): Factor | undefined {
    return this.getConfig()['widthFactor'] as Factor | undefined;
  }

  /** @internal */
  protected override change([vertical, horizontal]: Draws, size: ImageSize): AffineMap {
    const tall = 1 + between(this.#vertical, vertical);
    const wide = this.#horizontal ? 1 + between(this.#horizontal, horizontal) : tall;
    return {
      a0: wide,
      a1: 0,
      a2: ((size.width - 1) / 2) * (1 - wide),
      b0: 0,
      b1: tall,
      b2: ((size.height - 1) / 2) * (1 - tall),
    };
  }
}
