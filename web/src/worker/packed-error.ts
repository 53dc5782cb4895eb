import {
  ArgumentTypeError,
  describe,
  FormatError,
  OutOfMemoryError,
  ShapeError,
  StateError,
  UnsupportedError,
  ValueError,
} from '../runtime/errors.js';

/** An error as data. */
export interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  /** Of a FormatError. */
  readonly entry?: string | undefined;
  readonly cause?: PackedError | undefined;
}

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
