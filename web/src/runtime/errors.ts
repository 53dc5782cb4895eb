/** Longest message of an error, whatever was given. */
const maxMessage = 300;

/** The text, or its beginning, of at most so many characters. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  // Not half of a character that takes two.
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/**
 * Base class of every error that lamella throws on purpose. Catch it to tell
 * a wrong call from a bug; `name` is the class's name.
 */
export abstract class LamellaError extends Error {
  /** Name of the class, which stays where a minifier renames the class itself. */
  override readonly name: string = 'LamellaError';
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
  /** The part of the file that is wrong: an array, a layer, a header. */
  readonly entry: string;

  /**
   * @param entry - The part of the file that is wrong; a file may have names of any length.
   * @param problem - What is wrong with it.
   */
  constructor(entry: string, problem: string, options?: ErrorOptions) {
    const name = shorten(entry, 100);
    super(shorten(`${name}: ${problem}`, maxMessage), options);
    this.entry = name;
  }
}

/** A value as error messages show it. */
export function describe(value: unknown): string {
  if (ArrayBuffer.isView(value)) return Object.prototype.toString.call(value);
  try {
    return String(value);
  } catch {
    // An object that does not want to be text.
    return Object.prototype.toString.call(value);
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
  return new Error(`lamella: internal error: ${message}`);
}
