import type { NativeModule } from '../runtime/native.js';
import { firstOf, greet, keepAlive, type NodeWorker, startWorker } from '../runtime/workers.js';
import text from './thread.text.js';

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

/** Undefined in scripts, which do not know where they are. */
const moduleAddress = import.meta.url as string | undefined;

/** Starts the script of a thread. */
export type Spawn = () => Worker | NodeWorker;

const fromText: Spawn = () => startWorker({ text });

/**
 * From the script's file, or else from its text: a bundler may leave the file behind, a page's
 * Content-Security-Policy may refuse the text. Node takes the text, which is there already.
 */
function spawns(): Spawn[] {
  if (moduleAddress === undefined || typeof Worker === 'undefined') return [fromText];
  // Bundlers look for exactly this expression. Without the word Worker, Vite would make a data URL of
  // so small a file, whose worker gets no shared memory.
  return [() => new Worker(new URL('./thread.js', import.meta.url), { type: 'module' }), fromText];
}

async function started(worker: Worker | NodeWorker, start: ThreadStart): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), startTimeout);
  });
  const greeted = greet(worker, start);
  keepAlive(worker, false);
  try {
    await Promise.race([greeted, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function startAll(spawn: Spawn, starts: readonly ThreadStart[]): Promise<void> {
  const workers: (Worker | NodeWorker)[] = [];
  try {
    await Promise.all(
      starts.map((start) => {
        const worker = spawn();
        workers.push(worker);
        return started(worker, start);
      }),
    );
  } catch (error) {
    for (const worker of workers) void worker.terminate();
    throw error;
  }
}

/**
 * Starts threads 1 to `count` - 1 of an engine with shared memory, and lets them share its work.
 * They sleep between jobs, and end with the page or the process.
 *
 * @param ways - To start a thread; the first that works is taken.
 * @throws Error with all that kept them from starting; then no thread is left.
 */
export async function startThreads(
  count: number,
  native: NativeModule,
  module: WebAssembly.Module,
  ways = spawns(),
): Promise<void> {
  const memory = native.wasmMemory as WebAssembly.Memory;
  const starts = Array.from({ length: count - 1 }, (_, i) => ({
    module,
    memory,
    index: i + 1,
    stack: native.createThreadStack(),
    setStack: native.setStackFunction(),
    serve: native.serveThreadFunction(),
  }));
  await firstOf(ways, (spawn) => startAll(spawn, starts));
  native.setThreadCount(count);
}
