/** Longest message of an error, whatever was given. */
const maxMessage = 300;

/** Longest text of a value in a message. */
const maxValue = 100;

/** The text, or its beginning and its end, of at most so many characters. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const half = (length - 1) >> 1;
  // Without half of a character that takes two.
  return `${text.slice(0, length - 1 - half)}…${text.slice(-half)}`.replace(
    /[\uD800-\uDBFF]?…[\uDC00-\uDFFF]?/g,
    '…',
  );
}

/**
 * Base class of every error that lamella throws on purpose. Catch it to tell
 * a wrong call from a bug; `name` is the class's name. Messages have at most 300
 * characters: longer ones lose their middle, where what was given stands.
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
  /** The part of the file that is wrong: an array, a layer, a header. */
  readonly entry: string;

  /**
   * @param entry - The part of the file that is wrong; a file may have names of any length.
   * @param problem - What is wrong with it.
   */
  constructor(entry: string, problem: string, options?: ErrorOptions) {
    const name = shorten(entry, 100);
    super(`${name}: ${problem}`, options);
    this.entry = name;
  }
}

/** A value as error messages show it: texts in quotes, and of long lists and those deep inside their length. */
export function describe(value: unknown, depth = 2): string {
  if (typeof value === 'string') return `'${shorten(value, maxValue)}'`;
  if (typeof value === 'bigint') return `${shorten(String(value), maxValue)}n`;
  try {
    if (Array.isArray(value)) {
      if (value.length > 8 || depth === 0) return `Array(${value.length})`;
      return `[${value.map((item) => describe(item, depth - 1)).join(', ')}]`;
    }
    if (typeof value === 'function') return `function ${shorten(value.name, maxValue)}`.trim();
    // The elements of a typed array would be a text of any length.
    if (!ArrayBuffer.isView(value)) return shorten(String(value), maxValue);
  } catch {
    // An object that does not want to be text.
  }
  return Object.prototype.toString.call(value);
}

/** More than the lists of any option have. */
const maxItems = 64;

/** The numbers of an option that is a list of them, or two lists of two; undefined for another one. */
export function numbersIn(value: unknown): unknown[] | undefined {
  if (!Array.isArray(value) || value.length > maxItems) return undefined;
  // A copy, in which holes are undefined and which nobody changes.
  const own: unknown[] = Array.from(value);
  const isPairs = own.length === 2 && own.every((item) => Array.isArray(item) && item.length === 2);
  const items = isPairs ? own.flatMap((pair) => Array.from(pair as unknown[])) : own;
  return items.every((item) => typeof item === 'number') ? items : undefined;
}

/** Dimensions as error messages show them. */
export function showShape(shape: readonly unknown[]): string {
  return `[${shape.slice(0, 8).join(', ')}${shape.length > 8 ? ', …' : ''}]`;
}

/** How many letters of one name, from its first on, another one has in their order. */
function sharedLetters(given: string, name: string): number {
  let shared = 0;
  for (const letter of name.toLowerCase()) if (letter === given[shared]) shared++;
  return shared;
}

/** The end of a message about a name that is not known: the nearest three of those that are. */
export function suggest(given: unknown, names: readonly string[]): string {
  const from = String(given).toLowerCase().replaceAll('_', '');
  const near = [...names]
    .sort((a, b) => sharedLetters(from, b) - sharedLetters(from, a))
    .slice(0, 3);
  const known = `; known are: ${names.filter((name) => near.includes(name)).join(', ') || 'none'}`;
  const [first = ''] = near;
  return sharedLetters(from, first) * 2 > from.length
    ? `${known}; did you mean '${first}'?`
    : known;
}

/** Error classes in the order of the engine's `ErrorKind`. */
const errorsByKind = [ShapeError, ValueError, ArgumentTypeError, StateError, OutOfMemoryError];

/**
 * Makes the error that the engine asks for.
 * @param kind - Its number; undefined for an exception that the engine does not throw on purpose.
 */
export function createError(kind: number | undefined, message: string): Error {
  const ErrorClass = kind === undefined ? undefined : errorsByKind[kind];
  if (ErrorClass) {
    // The engine lists all names that it knows.
    return new ErrorClass(
      message.replace(/'([^']*)'; known are: (.*)$/s, (_, given: string, names: string) => {
        return `'${given}'${suggest(given, names.split(', '))}`;
      }),
    );
  }
  return new Error(`lamella: internal error: ${message}`);
}
