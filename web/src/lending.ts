import { isFunction } from './runtime/checks.js';
import { StateError } from './runtime/errors.js';
import { handlesMade, nativeArgument } from './runtime/handle.js';
import type { NativeTensor } from './runtime/native.js';
import { Tensor } from './tensor.js';

/** A layer or loss that is written in TypeScript. */
interface Part {
  readonly type: string;
}

/** Tensors that a method written in TypeScript was lent, and the one it has made. */
interface Loan {
  given: Tensor[];
  made?: Tensor | undefined;
  /** Calls on their way: one within another leaves that what it was given. */
  calls: number;
}

// Of the objects and not of the models that have them: one may have several.
const loans = /* @__PURE__ */ new WeakMap<object, Record<string, Loan>>();

/**
 * An object by which the engine calls a part, which it holds weakly: a model that is forgotten, with
 * parts that know it, is to be collected. A class, and no functions made where the part is at hand: a
 * bundler that moves them there makes them hold whatever others there use.
 */
export abstract class Adapter<Own extends Part> {
  readonly #part: WeakRef<Own>;
  readonly #type: string;

  constructor(part: Own) {
    this.#part = new WeakRef(part);
    this.#type = part.type;
  }

  protected get part(): Own {
    const part = this.#part.deref();
    if (part === undefined) throw new StateError(`${this.#type}: used after it was forgotten`);
    return part;
  }
}

function free(loan: Loan): void {
  if (loan.calls === 0) for (const tensor of loan.given.splice(0)) tensor.dispose();
}

/**
 * Calls a method of a layer or loss that is written in TypeScript. What it is given, handles made for
 * it of `natives`, is freed when it returns, but what `forward` is given when it is called again. A tensor that it
 * makes and returns is freed when it has returned another one; one that it returns twice is its own.
 * The collector, which sees a few bytes of each, would free them too late.
 */
export function lend<Result>(
  part: Part,
  method: string,
  natives: readonly NativeTensor[],
  run: (...tensors: Tensor[]) => Result,
): Result {
  isFunction(`${part.type}.${method}`, (part as Part & Record<string, unknown>)[method]);
  let own = loans.get(part);
  if (!own) loans.set(part, (own = {}));
  const loan = (own[method] ??= { given: [], calls: 0 });
  free(loan);
  const given = natives.map((native) => new Tensor(native));
  loan.given.push(...given);
  loan.calls++;
  const before = handlesMade();
  let result: Result | undefined;
  try {
    result = run(...given);
    const { made } = loan;
    loan.made = undefined;
    if (result !== made) {
      made?.dispose();
      if (result instanceof Tensor && result.serial > before) loan.made = result;
    }
    return result;
  } catch (error) {
    // WebAssembly cannot pass null on: it would run no destructors.
    throw (error ?? new Error(`${method}() has thrown ${String(error)}`)) as Error;
  } finally {
    loan.calls--;
    // The caller has still to read one that was returned.
    if (method !== 'forward') for (const tensor of given) if (tensor !== result) tensor.dispose();
  }
}

/** The tensor that {@link lend} returned; throws an error of the method for anything else. */
export function returned({ type }: Part, method: string, result: unknown): NativeTensor {
  // A promise that fails is nobody's any more, and must not end the process.
  if (result instanceof Promise) result.catch(() => undefined);
  return nativeArgument(`${type}: ${method}() must return a Tensor`, Tensor, result);
}

// Counts the models that have a layer or loss, since the last one frees it.
const uses = /* @__PURE__ */ new WeakMap<object, number>();

/** Counts a model that has a layer or loss, or, with -1, has it no longer; returns how many do. */
export function countUse(part: object, change: 1 | -1): number {
  const count = (uses.get(part) ?? 0) + change;
  uses.set(part, count);
  return count;
}

/** Disposes of a layer or loss, and of what its methods were given and have made. */
export function disposePart(part: { dispose(): void }): void {
  part.dispose();
  for (const loan of Object.values(loans.get(part) ?? {})) {
    free(loan);
    if (loan.calls === 0) loan.made?.dispose();
  }
}
