import { StateError } from '../runtime/errors.js';
import {
  firstOf,
  greet,
  type NodeWorker,
  startWorker,
  type WorkerScript,
} from '../runtime/workers.js';
import { greeting } from './protocol.js';

async function start(script: WorkerScript): Promise<Worker | NodeWorker> {
  const worker = startWorker(script);
  try {
    await greet(worker, greeting);
    return worker;
  } catch (error) {
    void worker.terminate();
    throw error;
  }
}

/**
 * Starts the package's worker: from its file, or else from the file's text, where a bundler has left
 * the file behind or the package comes from another origin.
 * @throws {@link StateError} when neither starts.
 */
export async function startOwnWorker(): Promise<Worker | NodeWorker> {
  // Bundlers look for exactly this expression, and copy the file.
  const file = new URL('./worker.js', import.meta.url);
  const ways = [
    () => start(file),
    async () => start({ text: (await import('../wasm/worker.text.js')).default }),
  ];
  try {
    return await firstOf(ways, (way) => way());
  } catch (cause) {
    throw new StateError(
      "createWorkerClient: host the package's dist/worker.js where the page comes from and give " +
        "{ worker: new Worker('/worker.js') }, or allow blob: in the page's worker-src and lamella " +
        `in its trusted-types; the worker did not start from ${file.href}`,
      { cause },
    );
  }
}
