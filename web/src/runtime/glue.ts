import type { Glue } from './init.js';
import type { ModuleFactory } from './native.js';
import type { Variant } from './variants.js';

type GlueFile = Promise<{ readonly default: ModuleFactory }>;

async function glueOf(file: GlueFile): Promise<Glue> {
  return { createModule: (await file).default };
}

async function glueWithThreads(file: GlueFile): Promise<Glue> {
  const threads = import('../wasm/start-threads.js');
  return { ...(await glueOf(file)), startThreads: (await threads).startThreads };
}

/** Loads the JavaScript that Emscripten wrote for an engine. Each stands in a chunk of its own. */
export const glue: Record<Variant, () => Promise<Glue>> = {
  simd: () => glueOf(import('../wasm/simd.glue.js')),
  relaxed: () => glueOf(import('../wasm/relaxed.glue.js')),
  threads: () => glueWithThreads(import('../wasm/threads.glue.js')),
  'relaxed-threads': () => glueWithThreads(import('../wasm/relaxed-threads.glue.js')),
};
