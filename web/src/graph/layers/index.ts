// The layers that lamella/graph has beside those of lamella.
import { GlobalMaxPooling2D } from './global-max-pooling.js';
import { Add, Average, Concatenate, Maximum, Multiply } from './merging.js';

export * from './global-max-pooling.js';
export { Add, Average, Concatenate, Maximum, Multiply } from './merging.js';

/** Their classes, by which files and configurations name them. */
export const furtherLayers = [
  GlobalMaxPooling2D,
  Add,
  Average,
  Maximum,
  Multiply,
  Concatenate,
] as const;
