// Written by scripts/build.mjs from the compiled engine.
export { createModule, startThreads } from './threads.glue.js';
/** The engine's bytes as text: see runtime/inline.ts. */
export const wasm: string;
