import type { NativeModule } from '../runtime/native.js';
import {
  keepAlive,
  type NodeWorker,
  onWorkerEvent,
  startInNode,
  workerErrorMessage,
} from '../runtime/workers.js';

/** All that a worker needs to become a thread of the engine. */
export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** The thread's number, from 1 on; 0 is the thread that called `init`. */
  readonly index: number;
  /** The end of the thread's stack. */
  readonly stack: number;
  /** Places in the function table: sets the stack pointer, takes part in the work for ever. */
  readonly setStack: number;
  readonly serve: number;
}

/** A worker answers at once or not at all: its script is some hundred bytes. */
const startTimeout = 10_000;

function spawn(): Worker | NodeWorker {
  // Bundlers look for exactly this expression.
  if (typeof Worker !== 'undefined')
    return new Worker(new URL('./thread.js', import.meta.url), { type: 'module' });
  const worker = startInNode(new URL('./thread.js', import.meta.url));
  if (worker) return worker;
  throw new Error('there are no workers here');
}

async function started(worker: Worker | NodeWorker, start: ThreadStart): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(new Error('no answer')), startTimeout);
      onWorkerEvent(worker, 'message', resolve);
      onWorkerEvent(worker, 'error', (cause) =>
        reject(new Error(workerErrorMessage(cause), { cause })),
      );
      keepAlive(worker, false);
      worker.postMessage(start);
    });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Starts threads 1 to `count` - 1 of an engine with shared memory, and lets them share its work.
 * They sleep between jobs, and end with the page or the process.
 *
 * @throws Whatever kept one of them from starting; then none is left.
 */
export async function startThreads(
  count: number,
  native: NativeModule,
  module: WebAssembly.Module,
): Promise<void> {
  const memory = native.wasmMemory as WebAssembly.Memory;
  const workers: (Worker | NodeWorker)[] = [];
  try {
    const starts = Array.from({ length: count - 1 }, (_, i) => {
      const worker = spawn();
      workers.push(worker);
      return started(worker, {
        module,
        memory,
        index: i + 1,
        stack: native.createThreadStack(),
        setStack: native.setStackFunction(),
        serve: native.serveThreadFunction(),
      });
    });
    await Promise.all(starts);
  } catch (error) {
    for (const worker of workers) void worker.terminate();
    throw error;
  }
  native.setThreadCount(count);
}
