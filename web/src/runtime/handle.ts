// For projects whose own library ends before `Symbol.dispose`.
/// <reference lib="esnext.disposable" preserve="true" />
import { ArgumentTypeError, describe, StateError } from './errors.js';
import type { NativeObject } from './native.js';

/** `Symbol.dispose`, also on engines that have no `using` yet. */
export const disposeSymbol: typeof Symbol.dispose =
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- absent in older engines
  Symbol.dispose ?? (Symbol.for('Symbol.dispose') as typeof Symbol.dispose);

// Pure: lamella/worker takes nothing but the symbol of this file.
const collected = /* @__PURE__ */ new FinalizationRegistry<NativeObject>((native) => {
  native.delete();
});

let made = 0;

/** How many handles there have been. */
export const handlesMade = (): number => made;

let read: <Native extends NativeObject>(handle: Handle<Native>) => Native;

/**
 * An object whose memory lives in WebAssembly. It is freed by `dispose()`, at
 * the end of a `using` block, or by the garbage collector, whichever comes
 * first.
 */
export class Handle<Native extends NativeObject> {
  static {
    read = <N extends NativeObject>(handle: Handle<N>): N => {
      if (handle.#native === undefined) {
        throw new StateError(`${handle.#label}: used after dispose()`);
      }
      return handle.#native;
    };
  }

  #native: Native | undefined;
  readonly #label: string;

  /** @internal Its place among all handles in the order of their making. */
  readonly serial = ++made;

  /**
   * @internal
   * @param label - The name of this object in error messages.
   */
  constructor(native: Native, label: string) {
    this.#native = native;
    this.#label = label;
    collected.register(this, native, this);
  }

  /** Whether `dispose()` was called. */
  get disposed(): boolean {
    return this.#native === undefined;
  }

  /** Frees the native memory; a second call does nothing. */
  dispose(): void {
    if (this.#native === undefined) return;
    collected.unregister(this);
    this.#native.delete();
    this.#native = undefined;
  }

  /** As `dispose()`, for `using`. */
  [disposeSymbol](): void {
    this.dispose();
  }
}

/**
 * The native object behind a handle.
 *
 * @throws {@link StateError} after `dispose()`.
 */
export function nativeOf<Native extends NativeObject>(handle: Handle<Native>): Native {
  return read(handle);
}

/**
 * The native object behind an argument, which must be an instance of `Class`.
 *
 * @param wanted - How the error starts: "Dense: input must be a Tensor".
 * @throws {@link ArgumentTypeError} for anything else, {@link StateError} after
 * `dispose()`.
 */
export function nativeArgument<Native extends NativeObject>(
  wanted: string,
  Class: abstract new (...values: never[]) => Handle<Native>,
  value: unknown,
): Native {
  if (value instanceof Class) return nativeOf(value);
  throw new ArgumentTypeError(`${wanted}, got ${describe(value)}`);
}
