import { ArgumentTypeError, describe, ValueError } from './errors.js';

/**
 * Checks a whole number from `minimum` to 2^53 - 1.
 *
 * @param what - What errors call it: "Model: seed".
 * @throws {@link ArgumentTypeError} for anything but a number, {@link ValueError} for another one.
 */
export function checkWhole(what: string, value: unknown, minimum = 0): asserts value is number {
  if (Number.isSafeInteger(value) && (value as number) >= minimum) return;
  const ErrorClass = typeof value === 'number' ? ValueError : ArgumentTypeError;
  throw new ErrorClass(
    `${what} must be a whole number of at least ${minimum}, got ${describe(value)}`,
  );
}

/**
 * Checks dimensions: an array of whole numbers of at least 0.
 *
 * @throws {@link ArgumentTypeError} for anything but an array of numbers, {@link ValueError} for
 * other numbers.
 */
export function checkShape(what: string, dims: unknown): asserts dims is readonly number[] {
  if (!Array.isArray(dims)) {
    throw new ArgumentTypeError(`${what} must be an array of whole numbers, got ${describe(dims)}`);
  }
  for (const [i, dim] of dims.entries()) checkWhole(`${what}[${i}]`, dim);
}
