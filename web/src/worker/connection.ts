import { ArgumentTypeError, describe, StateError } from '../runtime/errors.js';
import {
  keepAlive,
  type NodeWorker,
  onWorkerEvent,
  workerErrorMessage,
} from '../runtime/workers.js';
import type { Caller, ClientSide, CopyOptions, Watcher } from './caller.js';
import { encode } from './encode.js';
import { unpackError } from './packed-error.js';
import {
  buffersIn,
  type CallName,
  type Calls,
  type FromWorker,
  type Id,
  type Result,
  type ToWorker,
} from './protocol.js';
import { sendEngines } from './start.js';

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
    sendEngines(worker);
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
    if (this.#closed) throw this.#closed;
    const { signal } = watcher;
    signal?.throwIfAborted();
    const call = ++this.#calls;
    const sent = encode(owner, name, argument, this);
    this.#post({ kind: 'call', call, name, argument: sent, target });
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

  #post(message: ToWorker): void {
    this.#worker.postMessage(message, buffersIn(message));
  }

  #receive(message: FromWorker): void {
    const { call } = message;
    const pending = this.#pending.get(call);
    if (!pending) return;
    if (message.kind === 'onBatch' || message.kind === 'onEpoch') {
      void this.#notify(pending, message);
    } else if (pending.thrown) {
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

  /** Runs a callback; what it throws stops the training and becomes its result. */
  async #notify(pending: Pending, { call, kind, value }: Progress): Promise<void> {
    const callback = pending.watcher[kind] as ((value: unknown) => unknown) | undefined;
    try {
      if (!pending.thrown) await callback?.(value);
    } catch (error) {
      pending.thrown = { error };
      this.#post({ kind: 'abort', call });
    }
    if (kind === 'onEpoch') this.#post({ kind: 'continue', call });
  }
}
