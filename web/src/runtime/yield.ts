import { now } from './clock.js';

/** Longest time in milliseconds that a long job keeps the event loop waiting. */
const maxBlockMs = 12;

/**
 * Resolves in a task of its own, so that input, painting and timers come in
 * between. Not `setTimeout`, which browsers hold back for 4 ms or more.
 */
function nextTask(): Promise<void> {
  // Node's own; its MessageChannel would be slower. In Next's edge runtime it throws.
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void };
  return new Promise((resolve) => {
    if (setImmediate !== undefined && !('EdgeRuntime' in globalThis)) {
      setImmediate(resolve);
      return;
    }
    if (typeof MessageChannel === 'undefined') {
      // Firefox's audio worklets have no tasks to offer at all.
      if (typeof setTimeout === 'undefined') resolve();
      else setTimeout(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/**
 * Returns a function to be called between the steps of a long job: it gives
 * the event loop a turn when it has waited for long enough. How often that
 * happens never changes a result.
 */
export function yielder(): () => Promise<void> {
  let last = now();
  return async () => {
    if (now() - last < maxBlockMs) return;
    await nextTask();
    last = now();
  };
}
