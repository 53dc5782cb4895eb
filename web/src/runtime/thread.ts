/**
 * The script of a thread: makes an instance of the engine over the memory it is given, and serves
 * in it for ever. It calls nothing but kernels, so the instance's imports are never called.
 */
import { nodeModule, type NodeWorkerThreads } from './spawn.js';
import type { ThreadStart } from './threads.js';

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

const threads = nodeModule('node:worker_threads') as NodeWorkerThreads | undefined;
const port = threads?.parentPort;
if (port) {
  port.on('message', (start) => {
    serve(start as ThreadStart, () => {
      port.postMessage('ready');
    });
  });
} else {
  addEventListener('message', ({ data }: MessageEvent<ThreadStart>) => {
    serve(data, () => {
      postMessage('ready');
    });
  });
}
