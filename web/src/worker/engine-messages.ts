/**
 * Messages besides those of protocol.ts: the package's worker, whose script is in one piece and
 * loads nothing, asks the page for the engine.
 */
import type { Variant } from '../runtime/variants.js';

/** The page's first message, which the worker answers with any. */
export const greeting = 'hello';

/** What the worker asks for. */
export interface EngineRequest {
  readonly engine: Variant;
}

/** The answer: the engine's bytes, or why there are none. */
export interface EngineAnswer {
  readonly engine: Variant;
  readonly bytes?: Uint8Array<ArrayBuffer>;
  readonly error?: string;
}

/** Whether a message is about an engine. */
export function isAboutEngine(message: unknown): message is EngineAnswer & EngineRequest {
  return typeof message === 'object' && message !== null && 'engine' in message;
}
