import type { ArgumentNames, TypeName } from '../../index.js';
import {
  Augmentation,
  type AugmentationOptions,
  type Draws,
  type ImageSize,
} from './augmentation.js';
import { oneOf } from './options.js';
import { streams } from './streams.js';

/** The axes along which images are mirrored. */
export type FlipMode = 'horizontal' | 'vertical' | 'horizontalAndVertical';

/** Whether an image is mirrored from left to right, and from top to bottom. */
interface Flip {
  readonly horizontal: boolean;
  readonly vertical: boolean;
}

/**
 * Mirrors each image [C, H, W] of a batch or leaves it, either as likely as the other, in training only.
 * With 'horizontalAndVertical' each axis is drawn on its own (Keras mirrors both or none).
 * @example new RandomFlip('horizontal')
 */
export class RandomFlip extends Augmentation<Flip> {
  static override readonly type: TypeName<'RandomFlip'> = 'RandomFlip';
  static override readonly positional: ArgumentNames<['mode']> = ['mode'];

  readonly #mode: FlipMode;

  /**
   * @param mode - 'horizontal' mirrors left and right, 'vertical' top and bottom. Default
   * 'horizontalAndVertical'.
   * @throws {@link ArgumentTypeError} or {@link ValueError} for another mode and other options.
   */
  constructor(mode: FlipMode = 'horizontalAndVertical', options: AugmentationOptions = {}) {
    const checks = { mode: oneOf('horizontal', 'vertical', 'horizontalAndVertical') };
    super(streams.flip, { named: { mode }, required: 1, options, defaults: { seed: 0 }, checks });
    this.#mode = mode;
  }

  /** The axes along which images are mirrored. */
  get mode(): FlipMode {
    return this.#mode;
  }

  /** @internal */
  protected override change([horizontal, vertical]: Draws): Flip {
    return {
      horizontal: this.#mode !== 'vertical' && horizontal < 0.5,
      vertical: this.#mode !== 'horizontal' && vertical < 0.5,
    };
  }

  /** @internal */
  protected override applyTo(
    image: Float32Array,
    output: Float32Array,
    { horizontal, vertical }: Flip,
    { height, width }: ImageSize,
  ): void {
    if (!horizontal && !vertical) return;
    const step = horizontal ? -1 : 1;
    const rows = width === 0 ? 0 : image.length / width;
    for (let row = 0; row < rows; row++) {
      const y = row % height;
      const from = (vertical ? row - y + height - 1 - y : row) * width;
      const to = row * width;
      for (let x = 0, i = from + (horizontal ? width - 1 : 0); x < width; x++, i += step) {
        output[to + x] = image[i] as number;
      }
    }
  }

  /** @internal A mirror image of a mirror image is the image. */
  protected override applyGradient(
    outputGradient: Float32Array,
    inputGradient: Float32Array,
    flip: Flip,
    size: ImageSize,
  ): void {
    inputGradient.set(outputGradient);
    this.applyTo(outputGradient, inputGradient, flip, size);
  }
}
