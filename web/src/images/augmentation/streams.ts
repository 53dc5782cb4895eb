/** The part of the random numbers that each class draws from: none shares another one's. */
export const streams = {
  flip: 1,
  translation: 2,
  rotation: 3,
  zoom: 4,
  brightness: 5,
  contrast: 6,
} as const;
