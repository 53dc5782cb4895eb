import { ArgumentTypeError, describe, ValueError } from './errors.js';

/** Checks a value, which errors call `what`, and returns it as the callee shall have it. */
export type Check = (what: string, value: unknown) => unknown;

/** A check for each option that a call takes. */
export type Checks<Options> = { readonly [Name in keyof Required<Options>]: Check };

/**
 * Throws the error for a value that is not as wanted.
 *
 * @param rightType - Whether only its range is wrong.
 */
export function reject(what: string, wanted: string, value: unknown, rightType = false): never {
  throw new (rightType ? ValueError : ArgumentTypeError)(
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
  return reject(what, `a whole number of at least ${minimum}`, value, typeof value === 'number');
}

/** Checks for a whole number of at least `minimum`. */
export const count =
  (minimum: number): Check =>
  (what, value) =>
    wholeNumber(what, value, minimum);

/**
 * Whether float32, which the engine computes in, has a number for this one: it neither overflows
 * nor becomes 0.
 */
function fitsFloat32(value: number): boolean {
  const single = Math.fround(value);
  return Number.isFinite(single) && (single !== 0 || value === 0);
}

/** A number of at least 0 that float32 can hold. */
export const rate = (what: string, value: unknown): number => {
  if (typeof value === 'number' && value >= 0 && fitsFloat32(value)) return value;
  const wanted =
    typeof value === 'number' && value >= 0 && value < Infinity
      ? 'a number that float32 can hold'
      : 'a finite number of at least 0';
  return reject(what, wanted, value, typeof value === 'number');
};

/** Checks for true or false. */
export const flag = (what: string, value: unknown): boolean =>
  typeof value === 'boolean' ? value : reject(what, 'true or false', value);

/** Checks for a function. */
export const callback: Check = (what, value) =>
  typeof value === 'function' ? value : reject(what, 'a function', value);

/** Checks for one of some words. */
export const oneOf =
  (...words: readonly string[]): Check =>
  (what, value) => {
    if (words.includes(value as string)) return value;
    const wanted = words.map((word) => `'${word}'`).join(' or ');
    return reject(what, wanted, value, typeof value === 'string');
  };

/** Checks for an object with a method: one of the class that errors name, or one that works as such. */
export const withMethod =
  (wanted: string, method: string): Check =>
  (what, value) =>
    typeof (Object(value) as Record<string, unknown>)[method] === 'function'
      ? value
      : reject(what, wanted, value);

/** Checks for an object of a class. */
export const instanceOf =
  (wanted: string, Class: abstract new (...values: never[]) => object): Check =>
  (what, value) =>
    value instanceof Class ? value : reject(what, wanted, value);

/** Checks for an array each of whose items passes a check; returns a copy. */
export const listOf =
  (check: Check): Check =>
  (what, value) => {
    if (!Array.isArray(value)) return reject(what, 'an array', value);
    return Array.from(value as readonly unknown[], (item, i) => check(`${what}[${i}]`, item));
  };

/** Takes any value: somebody else checks it. */
export const unchecked: Check = (_, value) => value;

/**
 * What it costs to turn one name into another: 1 for a letter more, 4 for one less or another, so
 * that "rate" is near "learningRate".
 */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (const letter of from) {
    const above = row;
    row = [(above[0] as number) + 4];
    for (let j = 0; j < to.length; j++) {
      const replaced = (above[j] as number) + (letter === to[j] ? 0 : 4);
      row.push(Math.min(replaced, (above[j + 1] as number) + 4, (row[j] as number) + 1));
    }
  }
  return row[to.length] as number;
}

/**
 * The end of a message about an unknown name: what was probably meant, or the three nearest of
 * the names there are.
 */
export function suggest(given: string, names: Iterable<string>): string {
  const from = given.slice(0, 40).toLowerCase();
  const near = Array.from(names, (name) => ({ name, cost: distance(from, name.toLowerCase()) }));
  near.sort((a, b) => a.cost - b.cost);
  const [first] = near;
  if (first === undefined) return '; there are none';
  if (first.cost <= 1.5 * from.length + 2) return `; did you mean '${first.name}'?`;
  const others = near.length > 3 ? ', …' : '';
  return `; known are: ${near
    .slice(0, 3)
    .map(({ name }) => name)
    .join(', ')}${others}`;
}

/**
 * The options of a call, copied: no getter is asked twice, and none later.
 *
 * @param owner - What errors call the call: "Model.train".
 * @param likely - The option that a value in the place of an object probably means.
 * @throws {@link ArgumentTypeError} for anything but a plain object.
 */
export function plainOptions(
  owner: string,
  given: unknown,
  likely?: string,
): Record<string, unknown> {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
    const prototype: unknown = Object.getPrototypeOf(given);
    // Also one of another realm.
    if (prototype === null || Object.getPrototypeOf(prototype) === null) {
      const options: Record<string, unknown> = Object.fromEntries(Object.entries(given));
      // The configuration of an object says what it is.
      if (options['type'] === owner) delete options['type'];
      return options;
    }
  }
  const value = typeof given === 'number' || Array.isArray(given) ? describe(given) : '…';
  const example = likely === undefined ? '' : ` such as { ${likely}: ${value} }`;
  throw new ArgumentTypeError(
    `${owner}: expected an object of options${example}, got ${describe(given)}`,
  );
}

function checkNames(owner: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new ValueError(`${owner}: unknown option ${describe(name)}${suggest(name, known)}`);
  }
}

/**
 * The options of a call, copied and checked; undefined and null are those left out.
 *
 * @param checks - The options there are.
 * @param required - Those that cannot be left out.
 * @throws {@link ArgumentTypeError} for anything but a plain object, {@link ValueError} for an
 * unknown name, and what a check throws.
 */
export function checkOptions<Options extends object>(
  owner: string,
  given: Options,
  checks: Checks<Options>,
  likely?: string,
  required: readonly (keyof Options & string)[] = [],
): Options {
  const options = plainOptions(owner, given, likely);
  checkNames(owner, options, Object.keys(checks));
  for (const [name, value] of Object.entries(options)) {
    const checked: unknown = value ?? undefined;
    const check = checks[name as keyof Options];
    options[name] = checked === undefined ? undefined : check(`${owner}: ${name}`, checked);
  }
  for (const name of required) {
    if (options[name] === undefined) checks[name](`${owner}: ${name}`, undefined);
  }
  return options as Options;
}

/**
 * The configuration of a part of the engine, which checks the values: arguments by name and options.
 *
 * @param type - Its class.
 * @param known - Names of the options, the likely one first.
 * @param named - The constructor's arguments before the options.
 */
export function configOf(
  type: string,
  options: unknown,
  known: readonly string[],
  named: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const names = Object.keys(named);
  for (const [name, value] of Object.entries(named)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    throw new ArgumentTypeError(
      `${type}: ${name} comes before the options: new ${type}(${names.join(', ')}, { … }), ` +
        `got ${describe(value)}`,
    );
  }
  const config = plainOptions(type, options, known[0]);
  for (const name of names) {
    if (Object.hasOwn(config, name) && config[name] !== named[name]) {
      throw new ValueError(`${type}: ${name} is given twice, as an argument and as an option`);
    }
  }
  checkNames(type, config, [...known, ...names]);
  return { ...config, ...named };
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

/** Dimensions, copied: a number alone is that of vectors. Throws as {@link checkShape}. */
export function toShape(what: string, dims: unknown): readonly number[] {
  const list: unknown = typeof dims === 'number' ? [dims] : dims;
  checkShape(what, list);
  return [...list];
}
