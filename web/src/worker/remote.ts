import { StateError } from '../runtime/errors.js';
import { disposeSymbol } from '../runtime/handle.js';
import { type Shape, sizeOf } from '../shape.js';
import type { Caller, ClientSide, CopyOptions, InWorker, Watcher } from './caller.js';
import type { CallName, Calls, Id, Result } from './protocol.js';

const forgotten = new FinalizationRegistry<{ caller: Caller; id: Id }>(({ caller, id }) =>
  caller.free(id),
);

/**
 * An object that lives in a worker. It is freed by `dispose()`, at the end of a `using` block, by
 * the garbage collector, or with the worker, whichever comes first.
 */
export abstract class Remote implements InWorker {
  readonly #caller: Caller;
  readonly #id: Id;
  readonly #label: string;
  #disposed = false;

  /**
   * @internal
   * @param label - The name of this object in error messages.
   */
  constructor(caller: Caller, id: Id, label: string) {
    this.#caller = caller;
    this.#id = id;
    this.#label = label;
    forgotten.register(this, { caller, id }, this);
  }

  /** Whether `dispose()` was called. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /** Frees the object in the worker; a second call does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    forgotten.unregister(this);
    this.#caller.free(this.#id);
  }

  /** As `dispose()`, for `using`. */
  [disposeSymbol](): void {
    this.dispose();
  }

  /**
   * Lets the worker do something with the object.
   * @internal
   * @throws {@link StateError} after `dispose()`.
   */
  protected call<Name extends CallName>(
    name: Name,
    argument: Calls<ClientSide>[Name]['argument'] & CopyOptions,
    watcher?: Watcher,
  ): Promise<Result<Name>> {
    const { caller, id } = this.reach();
    return caller.call(this.#label, name, argument, id, watcher);
  }

  /**
   * The connection that calls about this object take, and its number there.
   * @internal
   * @throws {@link StateError} after `dispose()`.
   */
  reach(): { caller: Caller; id: Id } {
    if (this.#disposed) throw new StateError(`${this.#label}: used after dispose()`);
    return { caller: this.#caller, id: this.#id };
  }
}

/** A tensor in a worker: sent once, used by many calls. Made by {@link WorkerClient.tensor}. */
export class RemoteTensor extends Remote {
  /** Dimensions, outermost first. */
  readonly shape: Shape;

  /** @internal */
  constructor(caller: Caller, { id, shape }: Result<'tensor'>) {
    super(caller, id, 'RemoteTensor');
    this.shape = shape;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /**
   * The elements, row-major.
   * @throws {@link StateError} after `dispose()`.
   */
  async toArray(): Promise<Float32Array<ArrayBuffer>> {
    return this.call('toArray', {});
  }
}
