/** Longest time in milliseconds that a long job keeps the event loop waiting. */
const maxBlockMs = 12;

/**
 * Resolves in a task of its own, so that input, painting and timers come in
 * between. Not `setTimeout`, which browsers hold back for 4 ms or more.
 */
function nextTask(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void };
  // Next.js: its edge runtime has these words, and throws when they are used. Jest's jsdom has neither.
  const isEdge = 'EdgeRuntime' in globalThis;
  return new Promise((resolve) => {
    // Node's own, where MessageChannel is slower.
    if (setImmediate !== undefined && !isEdge) setImmediate(resolve);
    else if (isEdge || typeof MessageChannel === 'undefined') setTimeout(resolve);
    else {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    }
  });
}

/**
 * Returns a function to be called between the steps of a long job: it gives
 * the event loop a turn when it has waited for long enough. How often that
 * happens never changes a result.
 */
export function yielder(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < maxBlockMs) return;
    await nextTask();
    last = performance.now();
  };
}
