import type { ThreadStart } from '../wasm/start-threads.js';

/** Whether a message to a worker makes it a thread. */
export function isThreadStart(message: unknown): message is ThreadStart {
  return typeof message === 'object' && message !== null && 'memory' in message;
}

/**
 * Makes an instance of the engine over the memory that is given, and serves in it for ever. It calls
 * nothing but kernels, so the instance's imports are never called.
 * @param ready - Called before the first job.
 */
export function serveThread(start: ThreadStart, ready: () => void): void {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  const wanted = WebAssembly.Module.imports(start.module);
  // A memory of its own would leave all the work to the others, without a word.
  if (!wanted.some(({ kind }) => kind === 'memory')) throw new Error('the memory is not shared');
  for (const { module, name, kind } of wanted) {
    (imports[module] ??= {})[name] = kind === 'memory' ? start.memory : () => 0;
  }
  const { exports } = new WebAssembly.Instance(start.module, imports);
  // By kind: names are minified.
  const table = Object.values(exports).find((value) => value instanceof WebAssembly.Table);
  const call = (place: number, argument: number): void => {
    (table?.get(place) as (argument: number) => void)(argument);
  };
  call(start.setStack, start.stack);
  ready();
  call(start.serve, start.index);
}
