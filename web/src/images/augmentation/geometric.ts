import type { Config } from '../../index.js';
import type { Check } from '../../runtime/checks.js';
import { Augmentation, type AugmentationOptions, type ImageSize } from './augmentation.js';
import { checkFloat, oneOf } from './options.js';
import {
  type AffineMap,
  type FillMode,
  type Interpolation,
  Resampler,
  type Resampling,
} from './resampler.js';

/** Options of {@link RandomTranslation}, {@link RandomRotation} and {@link RandomZoom}. */
export interface GeometricOptions extends AugmentationOptions {
  /** What stands where the image has no pixels. Default 'reflect'. */
  readonly fillMode?: FillMode | undefined;
  /** The value of such pixels where `fillMode` is 'constant'. Default 0. */
  readonly fillValue?: number | undefined;
  /** How pixels between pixels are made. Default 'bilinear'. */
  readonly interpolation?: Interpolation | undefined;
}

const defaults = { fillMode: 'reflect', fillValue: 0, interpolation: 'bilinear' } as const;

const checks: Record<string, Check> = {
  fillMode: /* @__PURE__ */ oneOf('reflect', 'wrap', 'constant', 'nearest'),
  fillValue: checkFloat,
  interpolation: /* @__PURE__ */ oneOf('bilinear', 'nearest'),
};

/** Common part of the layers that move the pixels of an image by an affine map. */
export abstract class GeometricAugmentation extends Augmentation<AffineMap> {
  readonly #resampler: Resampler;

  /** @internal */
  constructor(
    stream: number,
    named: Config,
    required: number,
    factorChecks: Record<string, Check>,
    options: GeometricOptions,
  ) {
    const all = { ...factorChecks, ...checks };
    super(stream, { named, required, options, defaults, checks: all });
    const { fillMode, fillValue, interpolation } = this;
    this.#resampler = new Resampler({ fillMode, fillValue, interpolation });
  }

  /** What stands where the image has no pixels. */
  get fillMode(): FillMode {
    return this.getConfig()['fillMode'] as FillMode;
  }

  /** The value of such pixels where `fillMode` is 'constant'. */
  get fillValue(): number {
    return this.getConfig()['fillValue'] as number;
  }

  /** How pixels between pixels are made. */
  get interpolation(): Interpolation {
    return this.getConfig()['interpolation'] as Resampling['interpolation'];
  }

  /** @internal */
  protected override apply(
    image: Float32Array,
    output: Float32Array,
    map: AffineMap,
    size: ImageSize,
  ): void {
    this.#resampler.sample(image, output, map, size);
  }

  /** @internal */
  protected override applyGradient(
    outputGradient: Float32Array,
    inputGradient: Float32Array,
    map: AffineMap,
    size: ImageSize,
  ): void {
    this.#resampler.scatter(outputGradient, inputGradient, map, size);
  }
}
