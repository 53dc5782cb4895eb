import { Model } from '../model.js';

/** The class that files become models of: lamella/graph has one of its own. */
export const modelClass = { current: Model };
