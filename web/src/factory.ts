import type { Config } from './layers/layer.js';
import { mapValues } from './map-values.js';
import { having, reject } from './runtime/checks.js';
import { ValueError } from './runtime/errors.js';

/** Makes an object from all constructor arguments by name. */
export type Factory<Part> = (config: Config) => Part;

/** The greatest number of blocks in one another that the engine takes. */
const maxNesting = 64;
let nesting = 0;

/**
 * Calls a function that makes an object of a configuration, and by another such call those inside.
 * @param call - What errors call it: "layerFromConfig".
 * @throws {@link ValueError} for more than 64 calls in one another, long before the stack is full.
 */
export function nested<Result>(call: string, make: () => Result): Result {
  if (nesting === maxNesting) {
    throw new ValueError(`${call}: configurations may be nested ${maxNesting} deep`);
  }
  nesting++;
  try {
    return make();
  } finally {
    nesting--;
  }
}

/** A class, whatever its constructor takes. */
type Class<Part> = new (...values: never[]) => Part;

/**
 * The factory of a class.
 * @param names - The arguments that its constructor takes before the options, in their order.
 */
export function factoryOf<Part>(Class: Class<Part>, ...names: readonly string[]): Factory<Part> {
  const Constructor = Class as new (...values: unknown[]) => Part;
  return (config) => new Constructor(...names.map((name) => config[name]), config);
}

/** The factories, by name, of classes that take nothing but options. */
export function factoriesOf<Part>(
  classes: Readonly<Record<string, Class<Part>>>,
): Record<string, Factory<Part>> {
  return mapValues(classes, (Class) => factoryOf(Class));
}

/**
 * Checks what a class of one's own is to be registered with.
 * @param call - What errors call the call: "registerLayer".
 * @param builtIn - The classes whose names are taken.
 */
export function checkRegistration(
  call: string,
  builtIn: object,
  name: unknown,
  factory: unknown,
): void {
  if (typeof name !== 'string') reject(`${call}: name`, 'a string', name);
  having('a function', 'call')(`${call}: factory`, factory);
  if (!Object.hasOwn(builtIn, name)) return;
  throw new ValueError(`${call}: '${name}' is the name of a built-in class`);
}
