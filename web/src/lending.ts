import { handlesMade } from './runtime/handle.js';
import { Tensor } from './tensor.js';

/**
 * Calls of one method that is written in TypeScript. The handles that it is given, and the tensors
 * that it makes and returns, are freed here: the collector, which sees a few bytes of each, would do
 * it too late.
 */
export class Lending {
  #given: Tensor[] = [];
  #made: Tensor | undefined;
  #calls = 0;

  /**
   * Calls the method. A tensor that it makes and returns lives until it has returned another one;
   * one that it returns twice is its own.
   *
   * @param keep - Whether what it is given lives until the next call, and not until this one returns.
   */
  call<Result>(given: Tensor[], keep: boolean, method: (...tensors: Tensor[]) => Result): Result {
    this.#free();
    this.#given.push(...given);
    this.#calls++;
    const before = handlesMade();
    let result: Result | undefined;
    try {
      result = method(...given);
      const isOwn = (result as unknown) === this.#made;
      if (!isOwn) this.#made?.dispose();
      const isNew = !isOwn && result instanceof Tensor && result.serial > before;
      this.#made = isNew ? (result as Tensor) : undefined;
      return result;
    } finally {
      this.#calls--;
      // The caller has still to read one that was returned.
      if (!keep) for (const tensor of given) if (tensor !== result) tensor.dispose();
    }
  }

  /** Frees all of them. */
  end(): void {
    this.#free();
    if (this.#calls === 0) this.#made?.dispose();
  }

  /** A call within a call leaves the outer one what it was given. */
  #free(): void {
    if (this.#calls === 0) for (const tensor of this.#given.splice(0)) tensor.dispose();
  }
}

// Of the objects and not of the models that have them: one may have several.
const lendings = /* @__PURE__ */ new WeakMap<object, Record<string, Lending>>();

/** The calls of a method of a layer or loss. */
export function lendingOf(part: object, method: string): Lending {
  let own = lendings.get(part);
  if (!own) lendings.set(part, (own = {}));
  return (own[method] ??= new Lending());
}

/** Disposes of a layer or loss, and of what its methods were given and have made. */
export function disposePart(part: { dispose(): void }): void {
  part.dispose();
  for (const lending of Object.values(lendings.get(part) ?? {})) lending.end();
}
