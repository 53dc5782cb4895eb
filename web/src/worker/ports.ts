import { ArgumentTypeError, describe, StateError } from '../runtime/errors.js';
import { nodeModule } from '../runtime/spawn.js';

/** Throws in a task of its own: only that is an error event for the page. */
export function throwInTask(error: unknown): void {
  setTimeout(() => {
    throw error;
  });
}

/** What a Worker of Node's `worker_threads` has, as far as it is used here. */
export interface NodeWorker {
  /** Adds a listener. */
  on(event: string, listener: (value: unknown) => void): unknown;
  /** Sends a message, to which the memory in `transfer` goes over. */
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  /** Ends the thread. */
  terminate(): unknown;
  /** Lets the thread keep the process from ending. */
  ref(): void;
  /** Lets the process end in spite of the thread. */
  unref(): void;
}

/** A worker's other end, whichever engine it runs in. */
export interface Port {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  /** Ends the worker at once. */
  terminate(): void;
  /** Whether the worker alone keeps a Node process from ending. */
  keepAlive(alive: boolean): void;
}

/** What a {@link Port} calls. */
export interface PortEvents {
  message(message: unknown): void;
  /** The worker is of no use any more. */
  failure(reason: string, cause?: unknown): void;
}

function webPort(worker: Worker, events: PortEvents): Port {
  worker.addEventListener('message', (event: MessageEvent<unknown>) => events.message(event.data));
  worker.addEventListener('messageerror', () => events.failure('a message could not be read'));
  worker.addEventListener('error', (event) => {
    // A script that cannot be loaded is an event without a message.
    const { message, error } = event as { readonly message?: string; readonly error?: unknown };
    events.failure(
      message || 'its script could not be loaded or run; see the browser console',
      error,
    );
  });
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => worker.terminate(),
    keepAlive: () => undefined,
  };
}

function nodePort(worker: NodeWorker, events: PortEvents): Port {
  worker.on('message', (message) => events.message(message));
  worker.on('messageerror', (cause) => events.failure('a message could not be read', cause));
  worker.on('error', (cause) => {
    events.failure(cause instanceof Error ? cause.message : describe(cause), cause);
  });
  worker.on('exit', (code) => events.failure(`it ended with code ${describe(code)}`));
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => void worker.terminate(),
    keepAlive: (alive) => (alive ? worker.ref() : worker.unref()),
  };
}

/** The part of node:worker_threads that is used. */
interface NodeThreads {
  readonly Worker: new (url: URL, options: { readonly execArgv: readonly string[] }) => NodeWorker;
  readonly parentPort: { on: NodeWorker['on']; postMessage: NodeWorker['postMessage'] } | null;
}

function nodeThreads(): NodeThreads | undefined {
  return nodeModule('node:worker_threads') as NodeThreads | undefined;
}

/** Starts the package's worker. */
function startWorker(): Worker | NodeWorker {
  if (typeof Worker !== 'undefined') {
    // Bundlers look for exactly this expression.
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  }
  const threads = nodeThreads();
  if (threads === undefined) throw new StateError('createWorkerClient: there are no workers here');
  // Not that expression: a bundler would add the file once more.
  const here = import.meta.url;
  // It needs none of the process's flags, some of which (--input-type) a worker refuses.
  return new threads.Worker(new URL('worker.js', here), { execArgv: [] });
}

/**
 * Connects to a worker, the package's own unless one is given.
 * @throws {@link ArgumentTypeError} for anything but a worker.
 */
export function connect(worker: Worker | NodeWorker | undefined, events: PortEvents): Port {
  const end = worker ?? startWorker();
  if (typeof (end as Partial<Worker>).addEventListener === 'function') {
    return webPort(end as Worker, events);
  }
  if (typeof (end as Partial<NodeWorker>).on === 'function') {
    return nodePort(end as NodeWorker, events);
  }
  throw new ArgumentTypeError(
    `createWorkerClient: worker must be a Worker, got ${describe(worker)}`,
  );
}

/**
 * The worker's side of the connection.
 * @param receive - Takes each message of the other side.
 * @returns What sends messages there.
 * @throws {@link StateError} outside a worker.
 */
export function listen(
  receive: (message: unknown) => void,
): (message: unknown, transfer: ArrayBuffer[]) => void {
  if ('WorkerGlobalScope' in globalThis) {
    addEventListener('message', (event: MessageEvent<unknown>) => receive(event.data));
    return (message, transfer) => postMessage(message, { transfer });
  }
  const parent = nodeThreads()?.parentPort;
  if (!parent) throw new StateError('serve: works in a worker only');
  parent.on('message', receive);
  return (message, transfer) => parent.postMessage(message, transfer);
}
