/**
 * All of `lamella`, and graphs of layers, with the layers that published networks are made of. Its
 * engine is a larger one, in the place of that of `lamella`.
 *
 * @module lamella/graph
 */
export * from '../index.js';
export * from './layers/index.js';
export type { AxisOptions } from '../axis.js';
export type { OneOrMore } from './ends.js';
export { init } from './init.js';
export { type GraphEnds, type GraphLayerSummary, type GraphModelOptions, Model } from './model.js';
export { loadCheckpoint, loadKeras, loadLayersModel, loadNpz } from './loading.js';
export { input, SymbolicTensor } from './symbolic-tensor.js';
