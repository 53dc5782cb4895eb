/** The memory of every typed array in a value, each once: it is transferred, not copied. */
export function buffersIn(value: unknown, seen = new Set<unknown>()): ArrayBuffer[] {
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  seen.add(value);
  if (ArrayBuffer.isView(value)) {
    const { buffer } = value;
    if (seen.has(buffer) || !(buffer instanceof ArrayBuffer)) return [];
    seen.add(buffer);
    return [buffer];
  }
  const inner = value instanceof Map ? value.values() : Object.values(value);
  return Array.from(inner as Iterable<unknown>).flatMap((each) => buffersIn(each, seen));
}
