import { reject } from '../runtime/checks.js';
import { engineBytes } from '../runtime/engine-bytes.js';
import { ArgumentTypeError, describe, StateError } from '../runtime/errors.js';
import {
  keepAlive,
  type NodeWorker,
  onWorkerEvent,
  workerErrorMessage,
} from '../runtime/workers.js';
import { buffersIn } from './buffers.js';
import type { Caller, ClientSide, CopyOptions, Watcher } from './caller.js';
import { encode } from './encode.js';
import { unpackError } from './unpack-error.js';
import type {
  Asked,
  CallName,
  Calls,
  FromWorker,
  Id,
  Questions,
  Result,
  ToWorker,
} from './protocol.js';

/** A call that the worker has not answered yet. */
interface Pending {
  readonly watcher: Watcher;
  /** Stack of the caller. */
  readonly site: string;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** The first error of a reply. */
  thrown?: { readonly error: unknown };
}

/** The bytes of an engine. */
async function loadEngine(variant: Questions['engine']['value']): Promise<Uint8Array> {
  try {
    // Copied: what Node has read may be a part of a buffer that others use.
    return (await engineBytes(variant)).slice();
  } catch (cause) {
    throw new Error(`init: the page could not load the engine: ${describe(cause)}`, { cause });
  }
}

/** The reply to a question of the worker; callbacks have none. */
async function reply({ kind, value }: Asked, watcher: Watcher): Promise<unknown> {
  if (kind === 'engine') return loadEngine(value);
  if (kind === 'gather') {
    const [x, y] = [new Float32Array(value.x), new Float32Array(value.y)];
    await watcher[value.from]?.gather(value.indices, x, y);
    // Node 20 posts memory that is gone without a word, and the worker never hears of it.
    if (x.length === value.x && y.length === value.y) return { x, y };
    throw new StateError('Dataset.gather: has given the memory of x or y away');
  }
  if (kind === 'onBatch') await watcher.onBatch?.(value);
  else await watcher.onEpoch?.(value);
  return undefined;
}

/** The error for an argument that cannot be sent, naming the part that cannot. */
function uncloneable(what: string, value: unknown, depth = 0): ArgumentTypeError | undefined {
  try {
    structuredClone(value);
    return undefined;
  } catch {
    // One of its parts, or the value itself.
  }
  if (typeof value === 'object' && value !== null && depth < 8) {
    for (const [key, part] of Object.entries(value)) {
      const own = Array.isArray(value) ? `${what}[${key}]` : `${what}${depth ? '.' : ': '}${key}`;
      const found = uncloneable(own, part, depth + 1);
      if (found) return found;
    }
  }
  return new ArgumentTypeError(`${what} cannot be sent to a worker, got ${describe(value)}`);
}

/** Calls to a worker and their answers. */
export class Connection implements Caller {
  readonly #worker: Worker | NodeWorker;
  readonly #pending = new Map<number, Pending>();
  #calls = 0;
  /** Why there can be no calls any more. */
  #closed: StateError | undefined;

  /**
   * Connects to a worker.
   * @throws {@link ArgumentTypeError} for anything but a worker.
   */
  constructor(worker: Worker | NodeWorker) {
    const { addEventListener, on } = worker as Partial<Worker & NodeWorker>;
    if (typeof (addEventListener ?? on) !== 'function') {
      reject('createWorkerClient: worker', 'a Worker', worker);
    }
    this.#worker = worker;
    const fail = (reason: string, cause?: unknown): void =>
      this.close(new StateError(`WorkerClient: the worker failed: ${reason}`, { cause }));
    onWorkerEvent(worker, 'message', (message) => this.#receive(message as FromWorker));
    onWorkerEvent(worker, 'messageerror', (cause) => fail('a message could not be read', cause));
    onWorkerEvent(worker, 'error', (cause) => {
      // In browsers it is an event, with the error if there is one.
      const { error } = Object(cause) as { readonly error?: unknown };
      fail(workerErrorMessage(cause), error ?? cause);
    });
    onWorkerEvent(worker, 'exit', (code) => fail(`it ended with code ${describe(code)}`));
    keepAlive(worker, false);
  }

  /** Whether {@link close} was called, or the worker failed. */
  get closed(): boolean {
    return this.#closed !== undefined;
  }

  async call<Name extends CallName>(
    owner: string,
    name: Name,
    argument: Calls<ClientSide>[Name]['argument'] & CopyOptions,
    target?: Id,
    watcher: Watcher = {},
  ): Promise<Result<Name>> {
    const { stack: site = '' } = new Error();
    this.#checkOpen();
    const { signal } = watcher;
    signal?.throwIfAborted();
    const call = ++this.#calls;
    const { argument: sent, transfer } = encode(owner, name, argument, this);
    // Encoding reads the caller's objects, whose getters may end the worker or the call.
    this.#checkOpen();
    signal?.throwIfAborted();
    try {
      this.#post({ kind: 'call', call, name, argument: sent, target }, transfer);
    } catch (error) {
      throw uncloneable(`${owner}.${name}`, sent) ?? error;
    }
    const abort = (): void => this.#post({ kind: 'abort', call });
    signal?.addEventListener('abort', abort);
    keepAlive(this.#worker, true);
    try {
      return await new Promise((resolve, reject) => {
        this.#pending.set(call, { watcher, site, resolve, reject });
      });
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#pending.delete(call);
      if (this.#pending.size === 0) keepAlive(this.#worker, false);
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw this.#closed;
  }

  free(id: Id): void {
    if (!this.#closed) this.#post({ kind: 'free', id });
  }

  /** Ends the worker; calls not answered yet, and later ones, reject with `reason`. */
  close(reason: StateError): void {
    if (this.#closed) return;
    this.#closed = reason;
    void this.#worker.terminate();
    for (const pending of this.#pending.values()) pending.reject(reason);
  }

  #post(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #receive(message: FromWorker): void {
    // A worker of one's own may post other things, too.
    const { call, kind } = Object(message) as FromWorker;
    if ((kind as unknown) === undefined) return;
    if (message.kind === 'alive') {
      // Granted when the worker has ended; rejected when the page does.
      const ended = (): void =>
        this.close(new StateError('WorkerClient: the worker failed: it was terminated'));
      navigator.locks.request(message.value, ended).catch(() => undefined);
      return;
    }
    const pending = this.#pending.get(call);
    if (!pending) return;
    if (message.kind === 'result') pending.resolve(message.value);
    else if (message.kind === 'error') this.#fail(pending, message);
    else void this.#reply(pending, message);
  }

  async #reply(pending: Pending, asked: Asked): Promise<void> {
    const { call, question } = asked;
    try {
      const value = await reply(asked, pending.watcher);
      this.#post({ kind: 'reply', call, question, value, failed: false }, buffersIn(value));
    } catch (error) {
      pending.thrown ??= { error };
      this.#post({ kind: 'reply', call, question, failed: true });
    }
  }

  #fail(pending: Pending, { value }: FromWorker & { readonly kind: 'error' }): void {
    const { site, watcher, thrown } = pending;
    // The worker's error may be no more than an echo of the abort, or of an error of a reply.
    const aborted = value.name === 'AbortError' && watcher.signal?.aborted;
    if (aborted) pending.reject(watcher.signal.reason);
    else pending.reject(thrown ? thrown.error : unpackError(value, site));
  }
}
