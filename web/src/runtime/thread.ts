/**
 * The script of a thread: makes an instance of the engine over the memory it is given, and serves
 * in it for ever. It calls nothing but kernels, so the instance's imports are never called.
 */
import type { ThreadStart } from '../wasm/start-threads.js';
import { onParentMessage } from './workers.js';

function serve(start: ThreadStart, ready: () => void): void {
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

const send = onParentMessage((start) => {
  serve(start as ThreadStart, () => send?.('ready'));
});
