import { StateError } from '../runtime/errors.js';
import type { BatchProgress, EpochResult } from '../training.js';
import { unpackError } from './packed-error.js';
import { connect, type NodeWorker, type Port } from './ports.js';
import {
  buffersIn,
  type CallName,
  type Calls,
  type FromWorker,
  type Id,
  type ToWorker,
} from './protocol.js';

/** What may happen on this side while a training runs. */
export interface Watcher {
  readonly onBatch?: ((progress: BatchProgress) => void) | undefined;
  readonly onEpoch?: ((result: EpochResult) => void | Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A call that the worker has not answered yet. */
interface Pending {
  readonly name: CallName;
  readonly watcher: Watcher;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** Stack of the caller. */
  readonly site: string;
  /** What a callback of the watcher threw. */
  thrown?: { readonly error: unknown };
}

/** Calls to a worker and their answers. */
export class Connection {
  readonly #pending = new Map<number, Pending>();
  #port: Port | undefined;
  #calls = 0;
  /** Why there can be no calls any more. */
  #closed: StateError | undefined;

  /** Connects to a worker, the package's own unless one is given. */
  static open(worker: Worker | NodeWorker | undefined): Connection {
    const connection = new Connection();
    connection.#port = connect(worker, {
      message: (message) => connection.#receive(message as FromWorker),
      failure: (reason, cause) =>
        connection.close(new StateError(`WorkerClient: the worker failed: ${reason}`, { cause })),
    });
    connection.#port.keepAlive(false);
    return connection;
  }

  /** Whether {@link close} was called, or the worker failed. */
  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /**
   * Lets the worker do something; the memory of every typed array in the argument goes there.
   * @returns Its answer; rejects with its error, or with that of {@link close}.
   */
  call<Name extends CallName>(
    name: Name,
    argument: Calls[Name]['argument'],
    watcher: Watcher = {},
  ): Promise<Calls[Name]['result']> {
    const { stack: site = '' } = new Error();
    return new Promise((resolve, reject) => {
      if (this.#closed) throw this.#closed;
      const { signal } = watcher;
      signal?.throwIfAborted();
      const call = ++this.#calls;
      this.#post({ kind: 'call', call, name, argument } as ToWorker);
      const abort = (): void => this.#post({ kind: 'abort', call });
      signal?.addEventListener('abort', abort);
      const settle = (): void => {
        signal?.removeEventListener('abort', abort);
        this.#pending.delete(call);
        if (this.#pending.size === 0) this.#port?.keepAlive(false);
      };
      this.#pending.set(call, {
        name,
        watcher,
        site,
        resolve: (value) => {
          settle();
          resolve(value as Calls[Name]['result']);
        },
        reject: (error) => {
          settle();
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- an abort's reason or what a callback threw may be anything
          reject(error);
        },
      });
      this.#port?.keepAlive(true);
    });
  }

  /** Frees a model or tensor in the worker. */
  free(id: Id): void {
    if (!this.#closed) this.#post({ kind: 'free', id });
  }

  /** Ends the worker; calls not answered yet, and later ones, reject with `reason`. */
  close(reason: StateError): void {
    if (this.#closed) return;
    this.#closed = reason;
    this.#port?.terminate();
    for (const pending of [...this.#pending.values()]) pending.reject(reason);
  }

  #post(message: ToWorker): void {
    this.#port?.post(message, buffersIn(message));
  }

  #receive(message: FromWorker): void {
    const pending = this.#pending.get(message.call);
    if (!pending) return;
    if (message.kind === 'result') {
      if (pending.thrown) pending.reject(pending.thrown.error);
      else pending.resolve(message.value);
    } else if (message.kind === 'error') {
      pending.reject(this.#reasonOf(pending, message.error));
    } else if (message.kind === 'batch') {
      void this.#watch(message.call, pending, () => pending.watcher.onBatch?.(message.value));
    } else {
      void this.#watch(message.call, pending, () => pending.watcher.onEpoch?.(message.value)).then(
        () => this.#post({ kind: 'continue', call: message.call }),
      );
    }
  }

  #reasonOf(pending: Pending, error: Parameters<typeof unpackError>[0]): unknown {
    if (pending.thrown) return pending.thrown.error;
    // The worker's error is only its echo of the abort.
    if (error.name === 'AbortError' && pending.watcher.signal?.aborted) {
      return pending.watcher.signal.reason;
    }
    return unpackError(error, pending.site);
  }

  /** Runs a callback; what it throws stops the training and becomes its result. */
  async #watch(
    call: number,
    pending: Pending,
    callback: () => void | Promise<void>,
  ): Promise<void> {
    if (pending.thrown) return;
    try {
      await callback();
    } catch (error) {
      pending.thrown = { error };
      this.#post({ kind: 'abort', call });
    }
  }
}

/** The error of a call to what is disposed of. */
export function usedAfterDispose(what: string): StateError {
  return new StateError(`${what}: used after dispose()`);
}
