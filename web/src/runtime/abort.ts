/** Resolves with a value or a promise's, or rejects with the signal's reason if that comes first. */
export async function untilAborted<Value>(
  returned: Value | PromiseLike<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (!signal || !(Object(returned) as { then?: unknown }).then) return returned;
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
  });
  try {
    return await Promise.race([returned, aborted]);
  } finally {
    signal.removeEventListener('abort', abort as () => void);
  }
}
