import { ArgumentTypeError, describe, StateError } from '../runtime/errors.js';
import { disposeSymbol } from '../runtime/handle.js';
import type { Shape, TensorData } from '../tensor.js';
import type { Connection, Watcher } from './connection.js';
import type { CallName, Calls, Id, SentData } from './protocol.js';

/** Whether a call keeps the caller's typed arrays as they are. */
export interface CopyOptions {
  /**
   * Sends a copy of typed arrays. Default false: their memory goes to the worker, and they are
   * empty (detached) afterwards. One that shows only a part of its buffer is always copied.
   */
  readonly copy?: boolean | undefined;
}

const forgotten = new FinalizationRegistry<{ connection: Connection; id: Id }>(
  ({ connection, id }) => connection.free(id),
);

/**
 * An object that lives in a worker. It is freed by `dispose()`, at the end of a `using` block, by
 * the garbage collector, or with the worker, whichever comes first.
 */
export abstract class Remote {
  readonly #connection: Connection;
  readonly #id: Id;
  #disposed = false;

  /** @internal */
  constructor(connection: Connection, id: Id) {
    this.#connection = connection;
    this.#id = id;
    forgotten.register(this, { connection, id }, this);
  }

  /** What error messages call this object. */
  protected abstract get label(): string;

  /** Whether `dispose()` was called. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /** Frees the object in the worker; a second call does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    forgotten.unregister(this);
    this.#connection.free(this.#id);
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
    argument: Calls[Name]['argument'],
    watcher?: Watcher,
  ): Promise<Calls[Name]['result']> {
    return this.#connection.call(name, argument, this.#reach(), watcher);
  }

  /**
   * Numbers or a tensor of the same worker, as they are sent.
   * @internal
   * @throws {@link ArgumentTypeError} for anything else, {@link StateError} when it was transferred
   * already or disposed of.
   */
  protected send(what: string, data: RemoteTensor | TensorData, copy?: boolean): SentData {
    if (!(data instanceof RemoteTensor)) {
      return sendNumbers(what, data, copy, 'nested arrays, a typed array or a RemoteTensor');
    }
    const tensor = data.#reach();
    if (data.#connection === this.#connection) return { tensor };
    throw new ArgumentTypeError(`${what} is a RemoteTensor of another client`);
  }

  #reach(): Id {
    if (this.#disposed) throw new StateError(`${this.label}: used after dispose()`);
    return this.#id;
  }
}

/** A tensor in a worker: sent once, used by many calls. Made by {@link WorkerClient.tensor}. */
export class RemoteTensor extends Remote {
  /** Dimensions, outermost first. */
  readonly shape: Shape;

  /** @internal */
  constructor(connection: Connection, id: Id, shape: Shape) {
    super(connection, id);
    this.shape = shape;
  }

  protected override get label(): string {
    return 'RemoteTensor';
  }

  /** Number of elements. */
  get size(): number {
    return this.shape.reduce((product, dim) => product * dim, 1);
  }

  /**
   * The elements, row-major.
   * @throws {@link StateError} after `dispose()`.
   */
  async toArray(): Promise<Float32Array<ArrayBuffer>> {
    return this.call('toArray', undefined);
  }
}

/** A typed array that may be transferred: itself, or a copy where more than it would go. */
function sendArray<Data extends ArrayBufferView>(what: string, data: Data, copy: boolean): Data {
  const { buffer, byteLength } = data;
  if (byteLength === 0) {
    throw new StateError(
      `${what} is empty: its memory went to the worker in an earlier call; ` +
        'pass copy: true to keep it, or send it once as client.tensor(data, shape)',
    );
  }
  const whole =
    Object.prototype.toString.call(buffer) === '[object ArrayBuffer]' &&
    buffer.byteLength === byteLength;
  // The method of all typed arrays: Node's Buffer has one of that name that copies nothing.
  return whole && !copy ? data : (Uint8Array.prototype.slice.call(data) as unknown as Data);
}

/**
 * A file's bytes, as they are sent.
 * @throws {@link ArgumentTypeError} for anything but bytes, {@link StateError} when they were
 * transferred already.
 */
export function sendBytes(what: string, bytes: Uint8Array, copy = false): Uint8Array {
  if (Object.prototype.toString.call(bytes) === '[object Uint8Array]') {
    return sendArray(what, bytes, copy);
  }
  throw new ArgumentTypeError(`${what} must be a Uint8Array, got ${describe(bytes)}`);
}

/**
 * Numbers, as they are sent.
 * @throws {@link ArgumentTypeError} for anything that cannot be sent, {@link StateError} when it
 * was transferred already.
 */
export function sendNumbers(
  what: string,
  data: TensorData,
  copy = false,
  wanted = 'nested arrays or a typed array',
): TensorData {
  if (Array.isArray(data)) return data as TensorData;
  if (ArrayBuffer.isView(data)) return sendArray(what, data, copy);
  throw new ArgumentTypeError(`${what} must be ${wanted}, got ${describe(data)}`);
}
