import { startThreads } from '../wasm/start-threads.js';
import createSingle from '../wasm/single.glue.js';
import createWithThreads from '../wasm/threads.glue.js';
import type { Glue } from './init.js';
import { hasThreads, type Variant } from './variants.js';

/** The same as glue.ts gives, without `import()`: all of it stands in the bundle. */
export function staticGlue(variant: Variant): Glue {
  return hasThreads(variant)
    ? { createModule: createWithThreads, startThreads }
    : { createModule: createSingle };
}
