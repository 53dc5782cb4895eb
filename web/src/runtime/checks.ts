import { ArgumentTypeError, describe, shorten, ValueError } from './errors.js';

/**
 * The value of an argument that counts something: from `minimum` to 2^53 - 1.
 *
 * @param what - What errors call it: "Model: seed".
 * @throws {@link ArgumentTypeError} for anything but a number, {@link ValueError} for another one.
 */
export function wholeNumber(what: string, value: unknown, minimum = 1): number {
  if (Number.isSafeInteger(value) && (value as number) >= minimum) return value as number;
  const ErrorClass = typeof value === 'number' ? ValueError : ArgumentTypeError;
  throw new ErrorClass(
    `${what} must be a whole number of at least ${minimum}, got ${describe(value)}`,
  );
}

/**
 * A copy of an object of options, whose names and values the engine checks.
 *
 * @param owner - What errors call the call: "Adam".
 * @throws {@link ArgumentTypeError} for anything but an object: `new Adam(0.01)` must not take 0.001.
 */
export function optionsOf(owner: string, options: object): Record<string, unknown> {
  const given: unknown = options;
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return { ...given };
  throw new ArgumentTypeError(
    `${owner}: options must be an object such as { name: value }, got ${describe(given)}`,
  );
}

/**
 * Checks the names of options that the engine does not see.
 *
 * @param owner - What errors call the call: "Model.train".
 * @throws {@link ArgumentTypeError} for anything but an object, {@link ValueError} for an unknown
 * name.
 */
export function checkNames(owner: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(optionsOf(owner, options))) {
    if (known.includes(name)) continue;
    throw new ValueError(
      `${owner}: unknown option '${shorten(name, 40)}'; known are: ${known.join(', ')}`,
    );
  }
}

/**
 * Checks an optional object by a method that those of its class have.
 *
 * @throws {@link ArgumentTypeError} unless it is undefined or has it.
 */
export function checkMethod(what: string, value: unknown, wanted: string, method: string): void {
  if (value === undefined) return;
  const own = value === null ? undefined : (value as Record<string, unknown>)[method];
  if (typeof own === 'function') return;
  const article = /^[AO]/.test(wanted) ? 'an' : 'a';
  throw new ArgumentTypeError(`${what} must be ${article} ${wanted}, got ${describe(value)}`);
}

/**
 * Checks dimensions.
 *
 * @throws {@link ArgumentTypeError} for anything but an array of numbers, {@link ValueError} unless
 * they are whole and at least 0.
 */
export function checkShape(what: string, dims: unknown): asserts dims is readonly number[] {
  if (!Array.isArray(dims)) {
    throw new ArgumentTypeError(`${what} must be an array of whole numbers, got ${describe(dims)}`);
  }
  for (const [i, dim] of dims.entries()) wholeNumber(`${what}[${i}]`, dim, 0);
}
