import { imported } from './imported.js';
import { hasThreads, type Variant } from './variants.js';
import type { startThreads } from '../wasm/start-threads.js';

/** The module that starts an engine's threads. */
export interface Threads {
  readonly startThreads: typeof startThreads;
}

/** Loads it, a chunk of its own, for a variant with threads. */
export function loadThreads(variant: Variant): Promise<Threads> | undefined {
  return hasThreads(variant) ? imported(import('../wasm/start-threads.js')) : undefined;
}
