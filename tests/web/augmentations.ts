// Augmentation layers for the tests about them.
import type { Layer } from 'lamella';
import {
  augmentations,
  RandomBrightness,
  RandomContrast,
  RandomFlip,
  RandomRotation,
  RandomTranslation,
  RandomZoom,
} from 'lamella/images';

/** Makes a layer of any class, with arguments that TypeScript would not take either. */
export function make(type: string, ...given: unknown[]): Layer {
  const Class = augmentations.find((each) => each.type === type);
  return new (Class as unknown as new (...given: unknown[]) => Layer)(...given);
}

/** One of each class, with the seed given. */
export function oneOfEach(seed?: number): Layer[] {
  return [
    new RandomFlip(undefined, { seed }),
    new RandomTranslation(0.3, 0.2, { seed }),
    new RandomRotation(0.2, { seed }),
    new RandomZoom(0.4, undefined, { seed }),
    new RandomBrightness(0.3, { seed }),
    new RandomContrast(0.5, { seed }),
  ];
}

/** The types of all classes. */
export const types = ['Flip', 'Translation', 'Rotation', 'Zoom', 'Brightness', 'Contrast'].map(
  (name) => `Random${name}`,
);
