// Written by scripts/build.mjs from the compiled engine.
export { createModule } from './threads.glue.js';
/** The engine's bytes, deflated without a header, as base64. */
export const wasm: string;
