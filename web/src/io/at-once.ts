// As on-demand.ts, of what is in the bundle anyway. (An import() of it would take 1 kB of brotli more.)
import * as formats from './formats.js';
import * as readModel from './read-model.js';
import * as stores from './store-backends.js';

export const loadFormats = (): Promise<typeof formats> => Promise.resolve(formats);

export const loadReadModel = (): Promise<typeof readModel> => Promise.resolve(readModel);

export const loadStores = (): Promise<typeof stores> => Promise.resolve(stores);
