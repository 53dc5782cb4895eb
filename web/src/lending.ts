import { madeSince, nativeArgument, now } from './runtime/handle.js';
import type { NativeTensor } from './runtime/native.js';
import { Tensor } from './tensor.js';

/**
 * Calls of one method that is written in TypeScript: frees the tensors that it is given and those
 * that it makes, which the collector, seeing a few bytes of each, would not do in time.
 */
export class Lending {
  readonly #wanted: string;
  #given: Tensor[] = [];
  #result: Tensor | undefined;

  /** @param wanted - How errors start: "Scale: forward() must return a Tensor". */
  constructor(wanted: string) {
    this.#wanted = wanted;
  }

  /**
   * Calls the method. What it returns is freed once a later call has returned another tensor,
   * unless it is older than the call that returned it first.
   *
   * @param keep - Whether the arguments stay valid until the next call, and not only until this
   * one returns.
   */
  call(
    given: readonly NativeTensor[],
    method: (...tensors: Tensor[]) => unknown,
    keep: boolean,
  ): NativeTensor {
    for (const tensor of this.#given) tensor.dispose();
    const tensors = given.map((native) => new Tensor(native));
    this.#given = tensors;
    const moment = now();
    let result: unknown;
    try {
      result = method(...tensors);
      const native = nativeArgument(this.#wanted, Tensor, result);
      if (this.#result !== result) this.#result?.dispose();
      const made = result as Tensor;
      if (this.#result !== result) this.#result = madeSince(moment, made) ? made : undefined;
      return native;
    } finally {
      if (!keep) {
        // The engine has still to read one that was returned.
        for (const tensor of tensors) if (tensor !== result) tensor.dispose();
      }
    }
  }

  /** Frees all of them. */
  end(): void {
    for (const tensor of this.#given) tensor.dispose();
    this.#result?.dispose();
  }
}
