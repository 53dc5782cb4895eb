/**
 * The script of a thread: makes an instance of the engine over the memory it is given, and serves
 * in it for ever. It calls nothing but kernels, so the instance's imports are never called.
 */
import type { ThreadStart } from '../wasm/start-threads.js';
import { onParentMessage } from './workers.js';

function serve(start: ThreadStart, ready: () => void): void {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module, name, kind } of WebAssembly.Module.imports(start.module)) {
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

const send = onParentMessage((start) => {
  serve(start as ThreadStart, () => send?.('ready'));
});
