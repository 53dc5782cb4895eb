import { describe, StateError } from './errors.js';
import { nodeModule } from './node.js';

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
  readonly Worker: new (
    script: URL | string,
    options: { readonly execArgv: readonly string[]; readonly eval: boolean },
  ) => NodeWorker;
  readonly parentPort: Pick<NodeWorker, 'on' | 'postMessage'> | null;
}

function nodeThreads(): NodeThreads | undefined {
  return nodeModule('node:worker_threads') as NodeThreads | undefined;
}

/** A worker's script, which is in one piece: where it is, or its text. */
export type WorkerScript = URL | { readonly text: string };

/** The part of Trusted Types that is used; TypeScript's library has none of it. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): { createScriptURL(address: string): string };
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;

/**
 * The address of a script as pages with `require-trusted-types-for 'script'` want it; they have to
 * allow the policy, by `trusted-types lamella`.
 */
function trusted(address: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  try {
    policy ??= trustedTypes?.createPolicy('lamella', { createScriptURL: (own) => own });
  } catch {
    // The page allows other policies. Unless it wants one for workers, none is needed.
  }
  return policy?.createScriptURL(address) ?? address;
}

/** Addresses of texts, for as long as the page: a worker starts its threads from its own address. */
const blobs = new Map<string, string>();

function addressOf(script: WorkerScript): string {
  if (script instanceof URL) return script.href;
  const { text } = script;
  const address =
    blobs.get(text) ?? URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  blobs.set(text, address);
  return address;
}

/**
 * Starts a worker, of a browser or of Node.
 * @throws {@link StateError} where there are none; whatever the browser throws.
 */
export function startWorker(script: WorkerScript): Worker | NodeWorker {
  if (typeof Worker !== 'undefined') {
    // A script, which frames without an origin may start from its text; Deno has modules alone.
    const type = 'Deno' in globalThis ? 'module' : 'classic';
    return new Worker(trusted(addressOf(script)), { type });
  }
  const threads = nodeThreads();
  if (threads === undefined) throw new StateError('there are no workers here');
  const isText = !(script instanceof URL);
  // It needs none of the process's flags, some of which (--input-type) a worker refuses.
  return new threads.Worker(isText ? script.text : script, { execArgv: [], eval: isText });
}

/**
 * The result of the first attempt that succeeds.
 * @throws Error with the messages of all.
 */
export async function firstOf<Way, Result>(
  ways: readonly Way[],
  attempt: (way: Way) => Promise<Result>,
): Promise<Result> {
  const errors: unknown[] = [];
  for (const way of ways) {
    try {
      return await attempt(way);
    } catch (error) {
      errors.push(error);
    }
  }
  throw new Error(errors.map(describe).join('; then '), { cause: errors[0] });
}

/**
 * Sends a worker its first message, and waits for its first answer.
 * @throws Error when it fails before that.
 */
export async function greet(worker: Worker | NodeWorker, message: unknown): Promise<void> {
  await new Promise((resolve, reject) => {
    onWorkerEvent(worker, 'message', resolve);
    onWorkerEvent(worker, 'error', (cause) => {
      // The browser's console need not show what the next attempt makes good.
      if (cause instanceof Event) cause.preventDefault();
      reject(new Error(workerErrorMessage(cause), { cause }));
    });
    worker.postMessage(message);
  });
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
