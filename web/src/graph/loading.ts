// As the functions of io/index.ts, of which the engine with graphs makes models that may be graphs.
import * as io from '../io/index.js';
import type { Model } from './model.js';

/** The same function, whose model is one of this entry. */
type OfGraphs<Load> = Load extends (...values: infer Values) => Promise<unknown>
  ? (...values: Values) => Promise<Model>
  : never;

/** As that of `lamella`. */
export const loadCheckpoint = io.loadCheckpoint as OfGraphs<typeof io.loadCheckpoint>;
/** As that of `lamella`. */
export const loadNpz = io.loadNpz as OfGraphs<typeof io.loadNpz>;
/** As that of `lamella`. */
export const loadKeras = io.loadKeras as OfGraphs<typeof io.loadKeras>;
/** As that of `lamella`. */
export const loadLayersModel = io.loadLayersModel as OfGraphs<typeof io.loadLayersModel>;
