import { StateError } from '../runtime/errors.js';
import { onParentMessage } from '../runtime/workers.js';

/** Throws in a task of its own: only that is an error event for the page. */
function throwInTask(error: unknown): void {
  setTimeout(() => {
    throw error;
  });
}

/**
 * Makes the worker whose script calls it answer a client. The package's own worker does nothing
 * else; a script of your own registers layers and losses first, with `registerLayer` and
 * `registerLoss`, and is given to `createWorkerClient({ worker })`.
 * @returns Resolves when it is ready; rejects with {@link StateError} outside a worker, and with the
 * error of a script that cannot be loaded, which the client is told as well.
 * @example
 * registerLayer('Scale', (config) => new Scale(config.factor as number));
 * serve();
 */
export async function serve(): Promise<void> {
  // At once: a browser drops what arrives while nobody listens.
  const send = onParentMessage((message) => {
    receiving.then((receive) => receive(message)).catch(throwInTask);
  });
  if (!send) throw new StateError('serve: works in a worker only');
  // On demand, so that a page that imports the client does not load this side.
  const receiving = import('./default-server.js').then(({ createDefaultServer }) =>
    createDefaultServer(send),
  );
  await receiving;
}
