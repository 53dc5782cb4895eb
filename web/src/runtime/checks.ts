import { ArgumentTypeError, describe, suggest, ValueError } from './errors.js';

/** Throws unless a value, which errors call `what`, is as wanted. */
export type Check = (what: string, value: unknown) => unknown;

/**
 * Throws the error for a value that is not as wanted.
 *
 * @param type - The `typeof` of values of which some are as wanted: others of it are out of range.
 * @throws {@link ValueError} for a value of that type, {@link ArgumentTypeError} for another one.
 */
export function reject(what: string, wanted: string, value: unknown, type?: string): never {
  // Nobody waits for the promise any more, so that its failure must not end the process.
  if (value instanceof Promise) value.catch(() => undefined);
  throw new (typeof value === type ? ValueError : ArgumentTypeError)(
    `${what} must be ${wanted}, got ${describe(value)}`,
  );
}

/**
 * The value of an argument that counts something: from `minimum` to 2^53 - 1.
 *
 * @param what - What errors call it: "Model: seed".
 * @throws {@link ArgumentTypeError} for anything but a number, {@link ValueError} for another one.
 */
export function wholeNumber(what: string, value: unknown, minimum = 1): number {
  if (Number.isSafeInteger(value) && (value as number) >= minimum) return value as number;
  return reject(what, `a whole number of at least ${minimum}`, value, 'number');
}

/** The value of an argument that is a number of at least 0 and finite, also as float32. */
export function rate(what: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && Math.fround(value) < Infinity) return value;
  return reject(what, 'a finite number of at least 0 that float32 can hold', value, 'number');
}

/** The value of an argument that is true or false. */
export function checkBoolean(what: string, value: unknown): boolean {
  return typeof value === 'boolean' ? value : reject(what, 'true or false', value);
}

/**
 * A check for methods that the objects of a class have, and functions if it is `call`.
 *
 * @param wanted - What errors say is wanted: "a Schedule".
 */
export const having =
  (wanted: string, ...methods: readonly string[]): Check =>
  (what, value) =>
    methods.every((name) => typeof (Object(value) as Record<string, unknown>)[name] === 'function')
      ? value
      : reject(what, wanted, value);

/** A check for functions. */
export const isFunction = /* @__PURE__ */ having('a function', 'call');

/**
 * Throws unless an object of a class of the package's, or of one that extends it, has these methods
 * from there: the engine does what they do, and would not call others.
 */
export function checkMethods<Part extends { readonly type: string }>(
  what: string,
  part: Part,
  Class: { readonly prototype: Part },
  methods: readonly (keyof Part & string)[],
): void {
  const own = methods.find((method) => part[method] !== Class.prototype[method]);
  if (own === undefined) return;
  throw new ValueError(
    `${what}: its ${own}() would not be called; extend Layer or Loss, not ${part.type}`,
  );
}

/** Throws unless a value is an array. */
export function checkArray(what: string, value: unknown): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) reject(what, 'an array', value);
}

/** Whether a list is a typed array whose memory was given away. */
export function isDetached(list: object): boolean {
  try {
    if (ArrayBuffer.isView(list)) new DataView(list.buffer);
    return false;
  } catch {
    return true;
  }
}

/** Whether a value is an object that holds its properties itself, also one of another realm. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * A copy of an object of options, whose names and values somebody else checks.
 *
 * @param owner - What errors call the call: "Adam".
 * @param likely - The option that a value in the place of an object probably means.
 * @throws {@link ArgumentTypeError} for anything but a plain object: `new Adam(0.01)` must not take
 * 0.001.
 */
export function optionsOf(
  owner: string,
  options: unknown,
  likely = 'inputShape',
): Record<string, unknown> {
  if (isPlain(options)) return { ...options };
  const value = typeof options === 'number' ? options : '…';
  return reject(`${owner}: options`, `an object such as { ${likely}: ${value} }`, options);
}

/**
 * A copy of an object of options whose values somebody else checks.
 *
 * @param owner - What errors call the call: "Model.train".
 * @param names - The options there are, the likely one first.
 * @throws {@link ArgumentTypeError} for anything but a plain object, {@link ValueError} for an
 * unknown name.
 */
export function checkNames(
  owner: string,
  given: unknown,
  names: readonly string[],
): Record<string, unknown> {
  const options = optionsOf(owner, given, names[0]);
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    throw new ValueError(`${owner}: unknown option ${describe(name)}${suggest(name, names)}`);
  }
  return options;
}

/**
 * A copy of an object of options; one that is undefined is left out.
 *
 * @param owner - What errors call the call: "Model.train".
 * @param checks - A check for each option there is, the likely one first.
 * @param required - How many of them cannot be left out, from the first on.
 * @throws {@link ArgumentTypeError} for anything but a plain object, {@link ValueError} for an
 * unknown name, and what a check throws.
 */
export function checkOptions<Options extends object>(
  owner: string,
  given: Options,
  checks: { readonly [Name in keyof Required<Options>]: Check },
  required = 0,
): Options {
  const options = checkNames(owner, given, Object.keys(checks));
  for (const [i, [name, check]] of Object.entries<Check>(checks).entries()) {
    const value = options[name];
    if (value !== undefined || i < required) check(`${owner}: ${name}`, value);
  }
  return options as Options;
}

/**
 * Checks dimensions.
 *
 * @throws {@link ArgumentTypeError} for anything but an array of numbers, {@link ValueError} unless
 * they are whole and at least 0.
 */
export function checkShape(what: string, dims: unknown): asserts dims is readonly number[] {
  if (!Array.isArray(dims)) reject(what, 'an array of whole numbers', dims);
  for (const [i, dim] of dims.entries()) wholeNumber(`${what}[${i}]`, dim, 0);
}

/** Dimensions; a number alone is that of vectors. Throws as {@link checkShape}. */
export function toShape(what: string, dims: unknown): readonly number[] {
  const shape = typeof dims === 'number' ? [dims] : dims;
  checkShape(what, shape);
  return shape;
}
