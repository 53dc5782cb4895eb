/** Longest message of an error, whatever was given. */
const maxMessage = 300;

/** Longest text of a value in a message. */
const maxValue = 40;

/** The text, or its beginning, of at most so many characters. */
function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  // Not half of a character that takes two.
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/**
 * Base class of every error that lamella throws on purpose. Catch it to tell
 * a wrong call from a bug; `name` is the class's name. A message has at most 300 characters.
 */
export abstract class LamellaError extends Error {
  /** Name of the class, which stays where a minifier renames the class itself. */
  override readonly name: string = 'LamellaError';

  constructor(message = '', options?: ErrorOptions) {
    super(shorten(message, maxMessage), options);
  }
}

/** A tensor or layer has another shape than the operation wants. */
export class ShapeError extends LamellaError {
  override readonly name = 'ShapeError';
}

/** An argument has the right type but a value out of range. */
export class ValueError extends LamellaError {
  override readonly name = 'ValueError';
}

/** An argument has the wrong type. */
export class ArgumentTypeError extends LamellaError {
  override readonly name = 'ArgumentTypeError';
}

/** A call came too early or too late: before `init()` or `build()`, after `dispose()`. */
export class StateError extends LamellaError {
  override readonly name = 'StateError';
}

/** Native memory could not be allocated. Nothing was changed; free some and try again. */
export class OutOfMemoryError extends LamellaError {
  override readonly name = 'OutOfMemoryError';
}

/** The JavaScript engine lacks a feature that was asked for. */
export class UnsupportedError extends LamellaError {
  override readonly name = 'UnsupportedError';
}

/** A file is damaged, hostile or of another format. Nothing was changed, and no part of it is used. */
export class FormatError extends LamellaError {
  override readonly name = 'FormatError';

  /**
   * @param entry - The part of the file that is wrong: an array, a layer, a header.
   * @param problem - What is wrong with it.
   */
  constructor(
    readonly entry: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${entry}: ${problem}`, options);
  }
}

/** An object's kind as error messages show it. */
function describeObject(value: object): string {
  if (Array.isArray(value)) {
    const short = value.length <= 8 && value.every((each) => typeof each === 'number');
    return short ? `[${value.join(', ')}]` : `an array of ${value.length}`;
  }
  const tag = Object.prototype.toString.call(value);
  if (tag === '[object Error]') return String(value);
  const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return tag === '[object Object]' && typeof name === 'string' ? `[object ${name}]` : tag;
}

/** A value as error messages show it, in a few dozen characters whatever it is. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return `'${shorten(value, maxValue)}'`;
  if (typeof value === 'bigint') return 'a BigInt';
  if (typeof value === 'function') return `function ${shorten(value.name, maxValue)}`;
  if (typeof value !== 'object' || value === null) return shorten(String(value), maxValue);
  try {
    return shorten(describeObject(value), 2 * maxValue);
  } catch {
    // A proxy or getter that does not want to be looked at.
    return 'an object';
  }
}

/** Error classes in the order of the engine's `ErrorKind`. */
const errorsByKind = [ShapeError, ValueError, ArgumentTypeError, StateError, OutOfMemoryError];

/**
 * Makes the error that the engine asks for.
 * @param kind - Its number; undefined for an exception that the engine does not throw on purpose.
 */
export function createError(kind: number | undefined, message: string): Error {
  const ErrorClass = kind === undefined ? undefined : errorsByKind[kind];
  if (ErrorClass) return new ErrorClass(message);
  return new Error(shorten(`lamella: internal error: ${message}`, maxMessage));
}
