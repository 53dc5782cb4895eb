import {
  ArgumentTypeError,
  FormatError,
  OutOfMemoryError,
  ShapeError,
  StateError,
  UnsupportedError,
  ValueError,
} from '../runtime/errors.js';
import type { PackedError } from './protocol.js';

const classes: Record<string, new (message: string, options?: ErrorOptions) => Error> = {
  ArgumentTypeError,
  OutOfMemoryError,
  ShapeError,
  StateError,
  UnsupportedError,
  ValueError,
  RangeError,
  TypeError,
};

function create({ name, message, entry, cause }: PackedError): Error {
  const options = cause && { cause: unpackError(cause) };
  if (entry !== undefined) {
    return new FormatError(entry, message.slice(`${entry}: `.length), options);
  }
  const Class = Object.hasOwn(classes, name) ? classes[name] : undefined;
  if (Class) return new Class(message, options);
  return Object.assign(new Error(message, options), { name });
}

/**
 * The error again, of its class where that is one of the package's.
 * @param site - Stack of the call that failed, which precedes the worker's.
 */
export function unpackError(packed: PackedError, site = ''): Error {
  const error = create(packed);
  const remote = packed.stack ?? `${packed.name}: ${packed.message}`;
  // V8 begins a stack with the error; the other engines do not.
  const frames = site.replace(/^Error[^\n]*\n/, '');
  error.stack = `${packed.name}: ${packed.message}\n${frames}\nin the worker: ${remote}`;
  return error;
}
