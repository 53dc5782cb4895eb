// The package's own worker: one piece without import(), which bundlers copy as it is and a page may
// start from its text. It gets its engine from the page, and is the script of its threads, too.
import { choose } from '../runtime/choose.js';
import { compiled } from '../runtime/compile.js';
import { initFrom } from '../runtime/init.js';
import { isThreadStart, serveThread } from '../runtime/serve-thread.js';
import type { Threads } from '../runtime/threads.js';
import type { Variant } from '../runtime/variants.js';
import { onParentMessage, type Send, startWorker } from '../runtime/workers.js';
import { startThreads } from '../wasm/start-threads.js';
import { greeting } from './protocol.js';
import { createServer } from './server.js';

/** With this very script for the threads, where it has an address: not in Node. */
const threads: Threads = {
  startThreads: (count, native, module) => {
    const { location } = globalThis as { location?: { readonly href: string } };
    const again = location && [() => startWorker(new URL(location.href))];
    return startThreads(count, native, module, again);
  },
};

function serve(send: Send): (message: unknown) => void {
  const answer = createServer(send, (options, ask) => {
    const compile = async (variant: Variant): Promise<WebAssembly.Module> =>
      compiled(WebAssembly.compile(await ask('engine', variant)));
    return initFrom((variant) => ({ module: compile(variant), threads }), options, choose);
  });
  return (message) => {
    if (message === greeting) send('ready');
    else if (isThreadStart(message)) serveThread(message, () => send('ready'));
    else answer(message);
  };
}

const send = onParentMessage((message) => receive?.(message));
const receive = send && serve(send);
