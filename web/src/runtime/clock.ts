/** Milliseconds since some moment. Audio worklets have no `performance`. */
export function now(): number {
  return typeof performance === 'undefined' ? Date.now() : performance.now();
}
