import { ArgumentTypeError, describe, ValueError } from './errors.js';

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
