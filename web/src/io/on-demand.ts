// These are loaded when they are first needed, since most pages that train a network never read or write a file.
// In bundles in one piece at-once.ts takes the place of this file.

export const loadFormats = (): Promise<typeof import('./formats.js')> => import('./formats.js');

export const loadReadModel = (): Promise<typeof import('./read-model.js')> =>
  import('./read-model.js');

export const loadStores = (): Promise<typeof import('./store-backends.js')> =>
  import('./store-backends.js');
