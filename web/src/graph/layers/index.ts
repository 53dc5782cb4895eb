// The layers that lamella/graph has beside those of lamella.
import { GlobalMaxPooling2D } from './global-max-pooling.js';

export * from './global-max-pooling.js';

/** Their classes, by which files and configurations name them. */
export const furtherLayers = [GlobalMaxPooling2D] as const;
