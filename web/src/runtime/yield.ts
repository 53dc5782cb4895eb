import { now } from './clock.js';

/** Longest time in milliseconds that a long job keeps the event loop waiting. */
const maxBlockMs = 12;

/**
 * Resolves in a task of its own, so that input, painting and timers come in
 * between. Not `setTimeout`, which browsers hold back for 4 ms or more.
 */
function nextTask(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void };
  // Next.js: its edge runtime has these words, and throws when they are used.
  const isEdge = 'EdgeRuntime' in globalThis;
  return new Promise((resolve) => {
    if (setImmediate !== undefined && !isEdge) {
      setImmediate(resolve); // Node's own; its MessageChannel would be slower.
    } else if (typeof MessageChannel !== 'undefined' && !isEdge) {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    } else if (typeof setTimeout !== 'undefined') {
      setTimeout(resolve);
    } else {
      resolve(); // Firefox's audio worklets have no tasks to offer.
    }
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
