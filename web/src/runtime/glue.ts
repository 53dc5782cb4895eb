import { imported } from './imported.js';
import type { Glue } from './init.js';
import type { ModuleFactory } from './native.js';
import type { Variant } from './variants.js';

type GlueFile = Promise<{ readonly default: ModuleFactory }>;

async function glueOf(file: GlueFile): Promise<Glue> {
  return { createModule: (await imported(file)).default };
}

async function single(): Promise<Glue> {
  return glueOf(import('../wasm/single.glue.js'));
}

async function withThreads(): Promise<Glue> {
  const threads = import('../wasm/start-threads.js');
  const glue = await glueOf(import('../wasm/threads.glue.js'));
  return { ...glue, startThreads: (await threads).startThreads };
}

/**
 * Loads the JavaScript that Emscripten wrote for an engine; relaxed SIMD changes nothing in it. Each
 * stands in a chunk of its own.
 */
export const glue: Record<Variant, () => Promise<Glue>> = {
  simd: single,
  relaxed: single,
  threads: withThreads,
  'relaxed-threads': withThreads,
};
