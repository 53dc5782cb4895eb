import type { Glue } from './init.js';
import type { Variant } from './variants.js';

/** Each engine's glue code, on demand. */
export const glue: Record<Variant, () => Promise<Glue>> = {
  simd: () => import('../wasm/simd.glue.js'),
  relaxed: () => import('../wasm/relaxed.glue.js'),
  threads: () => import('../wasm/threads.glue.js'),
  'relaxed-threads': () => import('../wasm/relaxed-threads.glue.js'),
};
