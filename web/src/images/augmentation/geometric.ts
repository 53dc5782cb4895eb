import type { Config } from '../../index.js';
import type { Check } from '../../runtime/checks.js';
import { ValueError } from '../../runtime/errors.js';
import { Augmentation, type AugmentationOptions, type ImageSize } from './augmentation.js';
import { checkFloat, oneOf } from './options.js';
import {
  type AffineMap,
  type FillMode,
  type Interpolation,
  addResamplingGradient,
  resample,
  type Resampling,
} from './resampling.js';

/** Options of {@link RandomTranslation}, {@link RandomRotation} and {@link RandomZoom}. */
export interface GeometricOptions extends AugmentationOptions {
  /** The rule by which places outside the image get their values. Default 'reflect'. */
  readonly fillMode?: FillMode | undefined;
  /** The value of places outside the image; another one than 0 needs `fillMode: 'constant'`. Default 0. */
  readonly fillValue?: number | undefined;
  /** The rule by which places between pixels get their values. Default 'bilinear'. */
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
  readonly #resampling: Resampling;

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
    this.#resampling = this.getConfig() as unknown as Resampling;
    const { fillMode, fillValue } = this.#resampling;
    // Configurations name every argument, so that 0 stands beside any mode.
    if (fillValue !== 0 && fillMode !== 'constant') {
      throw new ValueError(
        `${this.type}: fillValue ${fillValue} needs fillMode 'constant', fillMode is '${fillMode}'`,
      );
    }
  }

  /** The rule by which places outside the image get their values. */
  get fillMode(): FillMode {
    return this.#resampling.fillMode;
  }

  /** The value of places outside the image where `fillMode` is 'constant'. */
  get fillValue(): number {
    return this.#resampling.fillValue;
  }

  /** The rule by which places between pixels get their values. */
  get interpolation(): Interpolation {
    return this.#resampling.interpolation;
  }

  /** @internal */
  protected override applyTo(
    image: Float32Array,
    output: Float32Array,
    map: AffineMap,
    size: ImageSize,
  ): void {
    resample(image, output, map, size, this.#resampling);
  }

  /** @internal */
  protected override applyGradient(
    outputGradient: Float32Array,
    inputGradient: Float32Array,
    map: AffineMap,
    size: ImageSize,
  ): void {
    addResamplingGradient(outputGradient, inputGradient, map, size, this.#resampling);
  }
}
