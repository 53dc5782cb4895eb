import { describe, type FormatError } from '../runtime/errors.js';
import type { PackedError } from './protocol.js';

/** Whether it is an error, also one of another realm. */
function isError(value: unknown): value is Error {
  return Object.prototype.toString.call(value) === '[object Error]' || value instanceof Error;
}

/** Causes of causes that are told; they may go round in a circle. */
const maxCauses = 8;

function pack(thrown: unknown, causes: number): PackedError {
  if (!isError(thrown)) return { name: 'Error', message: describe(thrown) };
  const { name, message, stack, cause } = thrown;
  const { entry } = thrown as Partial<FormatError>;
  return {
    name: describe(name),
    message: describe(message),
    ...(typeof stack === 'string' && { stack }),
    ...(name === 'FormatError' && { entry: describe(entry) }),
    ...(cause !== undefined && causes > 0 && { cause: pack(cause, causes - 1) }),
  };
}

/** An error, or another value that was thrown, as data that can be sent, whatever it is. */
export function packError(thrown: unknown): PackedError {
  try {
    return pack(thrown, maxCauses);
  } catch {
    return { name: 'Error', message: 'an error that throws when it is looked at' };
  }
}
