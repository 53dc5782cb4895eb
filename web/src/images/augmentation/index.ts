import type { Layer, PartClass } from '../../index.js';
import { RandomBrightness } from './random-brightness.js';
import { RandomContrast } from './random-contrast.js';
import { RandomFlip } from './random-flip.js';
import { RandomRotation } from './random-rotation.js';
import { RandomTranslation } from './random-translation.js';
import { RandomZoom } from './random-zoom.js';

export type { AugmentationOptions } from './augmentation.js';
export type { GeometricOptions } from './geometric.js';
export type { Factor } from './options.js';
export { RandomBrightness } from './random-brightness.js';
export { RandomContrast } from './random-contrast.js';
export { type FlipMode, RandomFlip } from './random-flip.js';
export { RandomRotation } from './random-rotation.js';
export { RandomTranslation } from './random-translation.js';
export { RandomZoom } from './random-zoom.js';
export type { FillMode, Interpolation } from './resampling.js';
export type { TonalOptions } from './tonal.js';

/**
 * All augmentation classes: whoever loads models that have them, or trains such in a worker, registers
 * them first.
 * @example for (const Class of augmentations) registerLayer(Class);
 */
export const augmentations: readonly PartClass<Layer>[] = [
  RandomFlip,
  RandomTranslation,
  RandomRotation,
  RandomZoom,
  RandomBrightness,
  RandomContrast,
];
