import { imported } from './imported.js';
import type { ModuleFactory } from './native.js';
import { hasThreads, type Variant } from './variants.js';
import type { startThreads } from '../wasm/start-threads.js';

/** The glue code that Emscripten wrote for the engine. */
export interface Glue {
  readonly createModule: ModuleFactory;
  /** For variants with threads. */
  readonly startThreads?: typeof startThreads | undefined;
}

/** Loads the JavaScript that goes with an engine; what starts threads is a chunk of its own. */
export async function loadGlue(variant: Variant): Promise<Glue> {
  const threads = hasThreads(variant) ? import('../wasm/start-threads.js') : undefined;
  const { default: createModule } = await imported(import('../wasm/engine.glue.js'));
  return { createModule, startThreads: (await threads)?.startThreads };
}
