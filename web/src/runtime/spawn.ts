/** A worker, of a browser or of Node. */
export interface Spawned {
  post(message: unknown, transfer?: readonly Transferable[]): void;
  /** Called with each message the worker posts. */
  onMessage(listener: (message: unknown) => void): void;
  /** Called when the worker's script cannot be loaded, or throws. */
  onError(listener: (error: Error) => void): void;
  terminate(): void;
}

interface NodeWorker {
  postMessage(message: unknown, transfer?: readonly Transferable[]): void;
  on(event: 'message', listener: (message: unknown) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  terminate(): Promise<number>;
  unref(): void;
}

/** The part of node:worker_threads that is used. */
export interface NodeWorkerThreads {
  readonly Worker: new (url: URL, options: { execArgv: string[] }) => NodeWorker;
  readonly parentPort: {
    postMessage(message: unknown, transfer?: readonly Transferable[]): void;
    on(event: string, listener: (value: unknown) => void): void;
  } | null;
}

/** Node's module of that name; undefined elsewhere. Not an import, which bundlers would follow. */
export function nodeModule(name: string): unknown {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
  };
  return process?.getBuiltinModule?.(name);
}

/**
 * Wraps a browser's worker. Its script is named where it is made, as
 * `new Worker(new URL(…, import.meta.url), { type: 'module' })`: bundlers look for these words.
 */
export function wrapWorker(worker: Worker): Spawned {
  return {
    post: (message, transfer = []) => {
      worker.postMessage(message, [...transfer]);
    },
    onMessage: (listener) => {
      worker.addEventListener('message', ({ data }) => {
        listener(data);
      });
    },
    onError: (listener) => {
      worker.addEventListener('error', (event) => {
        // The event of a script that cannot be loaded has no message.
        listener(new Error(event.message || "the worker's script did not load"));
      });
    },
    terminate: () => {
      worker.terminate();
    },
  };
}

/** Starts a script in a thread of Node, which does not keep the process alive. */
export function spawnInNode(url: URL): Spawned {
  const { Worker } = nodeModule('node:worker_threads') as NodeWorkerThreads;
  // The process's own flags, such as --input-type, are not for this script.
  const worker = new Worker(url, { execArgv: [] });
  return {
    post: (message, transfer) => {
      worker.postMessage(message, transfer);
    },
    onMessage: (listener) => {
      worker.on('message', listener);
      worker.unref(); // which listening undoes
    },
    onError: (listener) => {
      worker.on('error', listener);
    },
    terminate: () => {
      void worker.terminate();
    },
  };
}
