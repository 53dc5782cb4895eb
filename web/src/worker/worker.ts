// The package's own worker: one piece without import(), which bundlers copy as it is and a page may
// start from its text. It gets its engine from the page, and is the script of its threads, too.
import { compiled } from '../runtime/compile.js';
import type { InitOptions, RuntimeInfo } from '../runtime/choose.js';
import { type Engine, type Glue, initFrom } from '../runtime/init.js';
import { isThreadStart, serveThread } from '../runtime/serve-thread.js';
import { staticGlue } from '../runtime/static-glue.js';
import type { Variant } from '../runtime/variants.js';
import { onParentMessage, type Send, startWorker } from '../runtime/workers.js';
import { type EngineAnswer, greeting, isAboutEngine } from './engine-messages.js';
import { createServer } from './server.js';

/** Engines asked for and not there yet. */
const asked = new Map<Variant, (answer: EngineAnswer) => void>();

async function receivedModule(send: Send, engine: Variant): Promise<WebAssembly.Module> {
  const { bytes, error } = await new Promise<EngineAnswer>((resolve) => {
    asked.set(engine, resolve);
    send({ engine });
  });
  if (bytes === undefined) throw new Error(`init: the page could not load the engine: ${error}`);
  return compiled(WebAssembly.compile(bytes));
}

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
  const source = (variant: Variant): Engine => ({
    module: receivedModule(send, variant),
    glue: glueHere(variant),
  });
  const init = (options: InitOptions): Promise<RuntimeInfo> => initFrom(source, options);
  const answer = createServer(send, init);
  return (message) => {
    if (message === greeting) send('ready');
    else if (isThreadStart(message)) serveThread(message, () => send('ready'));
    else if (isAboutEngine(message)) asked.get(message.engine)?.(message);
    else answer(message);
  };
}

const send = onParentMessage((message) => receive?.(message));
const receive = send && serve(send);
