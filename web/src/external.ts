/**
 * As the main entry, with the engine in files of its own: `lamella.<variant>.wasm`.
 *
 * @packageDocumentation
 */
export * from './index.js';
export { type ExternalInitOptions, init, type WasmLocation } from './runtime/external.js';
