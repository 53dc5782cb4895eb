import { describe } from './errors.js';

/** A Worker of Node's `worker_threads`, as far as it is used here. */
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

/** The part of node:worker_threads that is used. */
interface NodeThreads {
  readonly Worker: new (url: URL, options: { readonly execArgv: readonly string[] }) => NodeWorker;
  readonly parentPort: Pick<NodeWorker, 'on' | 'postMessage'> | null;
}

/** Node's module of that name; undefined elsewhere. Not an import, which bundlers would follow. */
export function nodeModule(name: string): unknown {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
  };
  return process?.getBuiltinModule?.(name);
}

function nodeThreads(): NodeThreads | undefined {
  return nodeModule('node:worker_threads') as NodeThreads | undefined;
}

/** Starts a script in a thread of Node; undefined where there are none. */
export function startInNode(url: URL): NodeWorker | undefined {
  const threads = nodeThreads();
  // It needs none of the process's flags, some of which (--input-type) a worker refuses.
  return threads && new threads.Worker(url, { execArgv: [] });
}

/** Whether a worker alone keeps a Node process from ending. Listening to one makes it do so. */
export function keepAlive(worker: Worker | NodeWorker, alive: boolean): void {
  if (!('ref' in worker)) return;
  if (alive) worker.ref();
  else worker.unref();
}

/**
 * Listens to a worker, of a browser or of Node.
 * @param event - 'exit' is Node's alone.
 * @param listener - Takes the message, or what tells of an error.
 */
export function onWorkerEvent(
  worker: Worker | NodeWorker,
  event: 'message' | 'messageerror' | 'error' | 'exit',
  listener: (value: unknown) => void,
): void {
  if ('addEventListener' in worker) {
    worker.addEventListener(event, (told) => listener('data' in told ? told.data : told));
  } else {
    worker.on(event, listener);
  }
}

/** The message of a worker's 'error', which is empty in browsers when the script cannot be loaded. */
export function workerErrorMessage(error: unknown): string {
  if (typeof error !== 'object') return describe(error);
  const { message } = Object(error) as { readonly message?: string };
  return message || 'its script could not be loaded or run; see the browser console';
}

/** Sends a message, with the memory that it transfers. */
export type Send = (message: unknown, transfer?: ArrayBuffer[]) => void;

/**
 * The worker's side of the connection.
 * @param receive - Takes each message of the other side.
 * @returns What sends messages there; undefined outside a worker.
 */
export function onParentMessage(receive: (message: unknown) => void): Send | undefined {
  if ('WorkerGlobalScope' in globalThis) {
    addEventListener('message', ({ data }: MessageEvent<unknown>) => receive(data));
    return (message, transfer = []) => postMessage(message, { transfer });
  }
  const parent = nodeThreads()?.parentPort;
  parent?.on('message', receive);
  return parent ? (message, transfer) => parent.postMessage(message, transfer) : undefined;
}
