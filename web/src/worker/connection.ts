import { engineBytes } from '../runtime/engine-bytes.js';
import { ArgumentTypeError, describe, StateError } from '../runtime/errors.js';
import {
  keepAlive,
  type NodeWorker,
  onWorkerEvent,
  workerErrorMessage,
} from '../runtime/workers.js';
import type { Caller, ClientSide, CopyOptions, Watcher } from './caller.js';
import { encode } from './encode.js';
import { unpackError } from './unpack-error.js';
import type { CallName, Calls, FromWorker, Id, Result, ToWorker } from './protocol.js';

/** Messages for the watcher of a training. */
type Progress = FromWorker & { readonly kind: 'onBatch' | 'onEpoch' };

/** A call that the worker has not answered yet. */
interface Pending {
  readonly watcher: Watcher;
  /** Stack of the caller. */
  readonly site: string;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** The error that a callback of the watcher threw. */
  thrown?: { readonly error: unknown };
  /** Messages that the watcher has not been told yet; of batches the newest. */
  readonly untold: Progress[];
  /** Fulfilled when it has been told all of them. */
  telling?: Promise<void> | undefined;
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
      throw new ArgumentTypeError(
        `createWorkerClient: worker must be a Worker, got ${describe(worker)}`,
      );
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
        this.#pending.set(call, { watcher, site, untold: [], resolve, reject });
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
    if (message.kind === 'engine') {
      void this.#sendEngine(message);
    } else if (message.kind === 'onBatch' || message.kind === 'onEpoch') {
      if (message.kind === 'onBatch' && pending.untold.at(-1)?.kind === 'onBatch') {
        pending.untold.pop();
      }
      pending.untold.push(message);
      pending.telling ??= Promise.resolve().then(() => this.#tell(pending));
    } else {
      void this.#settle(pending, message);
    }
  }

  async #sendEngine({ call, value }: FromWorker & { readonly kind: 'engine' }): Promise<void> {
    try {
      // Copied: what Node has read may be a part of a buffer that others use.
      const bytes = (await engineBytes(value)).slice();
      this.#post({ kind: 'engine', call, value: bytes }, [bytes.buffer]);
    } catch (error) {
      this.#post({ kind: 'engine', call, value: describe(error) });
    }
  }

  /** Answers a call, after its watcher has been told everything. */
  async #settle(
    pending: Pending,
    message: FromWorker & { readonly kind: 'result' | 'error' },
  ): Promise<void> {
    await pending.telling;
    if (pending.thrown) {
      pending.reject(pending.thrown.error);
    } else if (message.kind === 'error') {
      const { site, watcher } = pending;
      // The worker's error is only its echo of the abort.
      const aborted = message.value.name === 'AbortError' && watcher.signal?.aborted;
      pending.reject(aborted ? watcher.signal.reason : unpackError(message.value, site));
    } else {
      pending.resolve(message.value);
    }
  }

  /** Runs callbacks one after another; what one throws stops the training and is its result. */
  async #tell(pending: Pending): Promise<void> {
    for (let told = pending.untold.shift(); told; told = pending.untold.shift()) {
      const { call, kind, value } = told;
      const callback = pending.watcher[kind] as ((value: unknown) => unknown) | undefined;
      try {
        if (!pending.thrown) await callback?.(value);
      } catch (error) {
        pending.thrown = { error };
        this.#post({ kind: 'abort', call });
      }
      if (kind === 'onEpoch') this.#post({ kind: 'continue', call });
    }
    pending.telling = undefined;
  }
}
