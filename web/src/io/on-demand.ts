// These are loaded when they are first needed, since most pages that train a network never read or write a file.
// In bundles in one piece at-once.ts takes the place of this file.
import { imported } from '../runtime/imported.js';

export const loadFormats = (): Promise<typeof import('./formats.js')> =>
  imported(import('./formats.js'), 'files');

export const loadReadModel = (): Promise<typeof import('./read-model.js')> =>
  imported(import('./read-model.js'), 'files');

export const loadStores = (): Promise<typeof import('./store-backends.js')> =>
  imported(import('./store-backends.js'), 'files');
