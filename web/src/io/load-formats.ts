/** What is loaded on demand. */
export type Formats = typeof import('./formats.js');

/** Loads what knows the file formats. */
export const loadFormats = (): Promise<Formats> => import('./formats.js');
