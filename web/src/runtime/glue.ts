import { imported } from './imported.js';
import type { Glue } from './init.js';
import { hasThreads, type Variant } from './variants.js';

/** Loads the JavaScript that goes with an engine; what starts threads is a chunk of its own. */
export async function loadGlue(variant: Variant): Promise<Glue> {
  const threads = hasThreads(variant) ? import('../wasm/start-threads.js') : undefined;
  const { default: createModule } = await imported(import('../wasm/engine.glue.js'));
  return { createModule, startThreads: (await threads)?.startThreads };
}
