import type { ModuleFactory } from './native.js';
import type { Variant } from './variants.js';

/** The engines' files beside this module. One by one: bundlers look for these words, and copy the files. */
export const locations: Record<Variant, () => URL> = {
  simd: () => new URL('./lamella.simd.wasm', import.meta.url),
  relaxed: () => new URL('./lamella.relaxed.wasm', import.meta.url),
  threads: () => new URL('./lamella.threads.wasm', import.meta.url),
  'relaxed-threads': () => new URL('./lamella.relaxed-threads.wasm', import.meta.url),
};

/** Their glue code, each on demand. */
export const glue: Record<Variant, () => Promise<{ createModule: ModuleFactory }>> = {
  simd: () => import('../wasm/simd.glue.js'),
  relaxed: () => import('../wasm/relaxed.glue.js'),
  threads: () => import('../wasm/threads.glue.js'),
  'relaxed-threads': () => import('../wasm/relaxed-threads.glue.js'),
};
