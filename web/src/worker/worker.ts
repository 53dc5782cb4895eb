// The package's own worker: one piece without import(), which bundlers copy as it is and a page may
// start from its text. It gets its engine from the page, and is the script of its threads, too.
import { compiled } from '../runtime/compile.js';
import { type Glue, initFrom } from '../runtime/init.js';
import { isThreadStart, serveThread } from '../runtime/serve-thread.js';
import { staticGlue } from '../runtime/static-glue.js';
import type { Variant } from '../runtime/variants.js';
import { onParentMessage, type Send, startWorker } from '../runtime/workers.js';
import { greeting } from './protocol.js';
import { createServer } from './server.js';

/** With this very script for the threads, where it has an address. */
function glueHere(variant: Variant): Glue {
  const glue = staticGlue(variant);
  const { startThreads } = glue;
  const { location } = globalThis as { location?: { readonly href: string } };
  if (startThreads === undefined || location === undefined) return glue;
  return {
    ...glue,
    startThreads: (count, native, module) =>
      startThreads(count, native, module, [() => startWorker(new URL(location.href))]),
  };
}

function serve(send: Send): (message: unknown) => void {
  const answer = createServer(send, (options, engine) =>
    initFrom(
      (variant) => ({
        module: engine(variant).then((bytes) => compiled(WebAssembly.compile(bytes))),
        glue: glueHere(variant),
      }),
      options,
    ),
  );
  return (message) => {
    if (message === greeting) send('ready');
    else if (isThreadStart(message)) serveThread(message, () => send('ready'));
    else answer(message);
  };
}

const send = onParentMessage((message) => receive?.(message));
const receive = send && serve(send);
