import type { Check } from '../../runtime/checks.js';
import { ValueError } from '../../runtime/errors.js';
import { Augmentation, type AugmentationOptions, type ImageSize } from './augmentation.js';
import { checkRange, type Factor } from './options.js';

/** Options of {@link RandomBrightness} and {@link RandomContrast}. */
export interface TonalOptions extends AugmentationOptions {
  /**
   * Least and greatest value of pixels, to which results are clipped. A batch whose first image has
   * pixels farther outside than the range is wide is refused. Default [0, 1].
   */
  readonly range?: readonly [lower: number, upper: number] | undefined;
}

/** Common part of the layers that change the values of pixels, and clip them. */
export abstract class TonalAugmentation extends Augmentation<number> {
  readonly #range: readonly [number, number];

  /** @internal */
  constructor(stream: number, factor: Factor, checkFactor: Check, options: TonalOptions) {
    const defaults = { range: [0, 1] };
    const checks = { factor: checkFactor, range: checkRange };
    super(stream, { named: { factor }, required: 1, options, defaults, checks });
    this.#range = this.getConfig()['range'] as [number, number];
  }

  /** The bounds of the change, as they were given. */
  get factor(): Factor {
    return this.getConfig()['factor'] as Factor;
  }

  /** Least and greatest value of pixels. */
  get range(): readonly [lower: number, upper: number] {
    const [lower, upper] = this.#range;
    return [lower, upper];
  }

  /**
   * @internal
   * @returns The numbers of scale (x - pivot) + shift, the value that a pixel x has before clipping.
   * A shift is either a number drawn, with a pivot of 0, or the pivot itself: the gradient relies on it.
   */
  protected abstract line(
    pixels: Float32Array,
    change: number,
  ): { scale: number; pivot: number; shift: number };

  /** @internal Pixels from 0 to 255 under the default range would all become 1. */
  protected override checkImage(image: Float32Array): void {
    const [lower, upper] = this.#range;
    const width = upper - lower;
    let least = Infinity;
    let greatest = -Infinity;
    for (const pixel of image) {
      if (pixel < least) least = pixel;
      if (pixel > greatest) greatest = pixel;
    }
    if (least >= lower - width && greatest <= upper + width) return;
    throw new ValueError(
      `${this.type}: pixels from ${least} to ${greatest} do not fit range [${lower}, ${upper}]; ` +
        'pass the range of the pixels, such as { range: [0, 255] }',
    );
  }

  /** @internal */
  protected override applyTo(
    image: Float32Array,
    output: Float32Array,
    change: number,
    size: ImageSize,
  ): void {
    const [lower, upper] = this.#range;
    eachPlane(size, (start, end) => {
      const { scale, pivot, shift } = this.line(image.subarray(start, end), change);
      for (let i = start; i < end; i++) {
        const value = scale * ((image[i] as number) - pivot) + shift;
        output[i] = Math.min(Math.max(value, lower), upper);
      }
    });
  }

  /** @internal */
  protected override applyGradient(
    outputGradient: Float32Array,
    inputGradient: Float32Array,
    change: number,
    size: ImageSize,
    i: number,
  ): void {
    const image = this.input?.view().subarray(i * inputGradient.length) as Float32Array;
    const [lower, upper] = this.#range;
    eachPlane(size, (start, end) => {
      const { scale, pivot, shift } = this.line(image.subarray(start, end), change);
      let sum = 0;
      for (let k = start; k < end; k++) {
        const value = scale * ((image[k] as number) - pivot) + shift;
        if (value < lower || value > upper) continue;
        const gradient = outputGradient[k] as number;
        sum += gradient;
        inputGradient[k] = scale * gradient;
      }
      // A scale other than 1 has the plane's mean as its pivot and shift, through which every pixel counts.
      const ofMean = ((1 - scale) * sum) / (end - start);
      if (ofMean === 0) return;
      for (let k = start; k < end; k++) (inputGradient[k] as number) += ofMean;
    });
  }
}

function eachPlane(
  { channels, height, width }: ImageSize,
  use: (start: number, end: number) => void,
): void {
  const area = height * width;
  for (let channel = 0; channel < channels; channel++) use(channel * area, (channel + 1) * area);
}
