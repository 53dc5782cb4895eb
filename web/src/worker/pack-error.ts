import { describe } from '../runtime/errors.js';
import type { PackedError } from './protocol.js';

/** A property of a thrown value as text; undefined where there is none, or none that can be read. */
function textOf(thrown: unknown, name: string): string | undefined {
  try {
    const value = (thrown as Record<string, unknown>)[name];
    return value === undefined || typeof value === 'string' ? value : describe(value);
  } catch {
    return undefined;
  }
}

/** Whether it is an error, also one of another realm. */
function isError(value: unknown): value is Error {
  return Object.prototype.toString.call(value) === '[object Error]' || value instanceof Error;
}

/**
 * An error, or another value that was thrown, as data that can be sent, whatever it is.
 * @param causes - How many causes of causes are told; they may go round in a circle.
 */
export function packError(thrown: unknown, causes = 8): PackedError {
  try {
    if (!isError(thrown)) return { name: 'Error', message: describe(thrown) };
    const name = textOf(thrown, 'name') ?? 'Error';
    const { cause } = thrown;
    return {
      name,
      message: textOf(thrown, 'message') ?? '',
      stack: textOf(thrown, 'stack'),
      ...(name === 'FormatError' && { entry: textOf(thrown, 'entry') }),
      ...(cause !== undefined && causes > 0 && { cause: packError(cause, causes - 1) }),
    };
  } catch {
    return { name: 'Error', message: 'an error that throws when it is looked at' };
  }
}
