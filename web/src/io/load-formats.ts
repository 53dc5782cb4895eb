/** Loads what knows the file formats. */
export const loadFormats = (): Promise<typeof import('./formats.js')> => import('./formats.js');
