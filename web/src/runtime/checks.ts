import { describe, ValueError } from './errors.js';

/**
 * The value of an argument that counts something.
 * @throws {@link ValueError} unless it is a whole number of at least 1.
 */
export function wholeNumber(what: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new ValueError(`${what} must be a whole number of at least 1, got ${describe(value)}`);
}
