import { nested } from './nested.js';
import { checkArray, isFunction, reject } from './runtime/checks.js';
import { describe, suggest, ValueError } from './runtime/errors.js';

/** Constructor arguments by name. */
type Arguments = Record<string, unknown>;

/** Makes an object from all constructor arguments by name. */
export type Factory<Part> = (config: Arguments) => Part;

/** The `static type` of a built-in class: its name, or that of a class which extends it. */
export type TypeName<Own extends string> = Own | (string & {});

/** The `static positional` of a built-in class: its names, or those of a class which extends it. */
export type ArgumentNames<Own extends readonly string[]> = Readonly<Own> | readonly string[];

/** The statics by which a class describes itself, so that files and workers can name and make its objects. */
export interface PartClass<Part> {
  new (...values: never[]): Part;
  /** Its name as data: a minifier renames the class. */
  readonly type?: string | undefined;
  /** The arguments that its constructor takes before the options, in their order. Default none. */
  readonly positional?: readonly string[] | undefined;
  /**
   * Makes an object in another way than the constructor.
   * @param create - Makes the objects that the arguments describe.
   */
  fromConfig?(config: Record<string, unknown>, create: (config: unknown) => Part): Part;
}

/** The type of a class as it says itself, and not one that it extends; undefined where it does not. */
function ownType(Class: object): string | undefined {
  const type = Object.hasOwn(Class, 'type') ? (Class as { type?: unknown }).type : undefined;
  return typeof type === 'string' && type !== '' ? type : undefined;
}

/** The type of an object of a class of one's own: that of its class, or the name in the program. */
export function typeOf({ constructor }: object): string {
  return ownType(constructor) ?? constructor.name;
}

/** The type of the package's own class that a class is or extends: of those above it with a type the first. */
export function builtInType(Class: object): string {
  const base = Object.getPrototypeOf(Class) as { type?: string };
  return base.type === undefined ? (Class as { type: string }).type : builtInType(base);
}

/** The factory of a class. */
function factoryOf<Part>(Class: PartClass<Part>, create: (config: unknown) => Part): Factory<Part> {
  const { positional = [] } = Class;
  const Constructor = Class as new (...values: unknown[]) => Part;
  return (config) =>
    Class.fromConfig
      ? Class.fromConfig(config, create)
      : new Constructor(...positional.map((name) => config[name]), config);
}

/** The classes of one kind by their types: the package's own, and those of one's own. */
export class Registry<Part, Class extends PartClass<Part> = PartClass<Part>> {
  /** The package's own classes by type. */
  readonly builtIn = new Map<string | undefined, Class>();
  readonly #kind: string;
  readonly #factories = new Map<string, Factory<Part>>();
  readonly #hint: string;

  /**
   * @param kind - What errors call the parts: "layer".
   * @param classes - The package's own.
   * @param hint - What errors say about a type that is not known.
   */
  constructor(kind: string, classes: readonly Class[], hint = '') {
    this.#kind = kind;
    this.#hint = hint;
    this.include(classes);
  }

  /** Makes more of the package's own classes known, which have what the others have. */
  include(classes: readonly PartClass<Part>[]): void {
    for (const Class of classes) {
      this.builtIn.set(Class.type, Class as Class);
      this.#add(Class.type as string, Class);
    }
  }

  #add(type: string, Class: PartClass<Part>): void {
    this.#factories.set(
      type,
      factoryOf(Class, (config) => this.create(config)),
    );
  }

  /**
   * Makes a class known by its `static type`, or by a name with a factory.
   * @param call - What errors call the call: "registerLayer".
   * @param Base - The class that all of its kind extend.
   * @throws {@link ValueError} for the type of a built-in class or for a class without one,
   * {@link ArgumentTypeError} for anything but a class, or a name and a function.
   */
  register(
    call: string,
    Base: abstract new () => Part,
    given: string | PartClass<Part>,
    factory: Factory<Part> | undefined,
  ): void {
    const isPart = (value: unknown): boolean =>
      (Object(value) as { prototype?: unknown }).prototype instanceof Base;
    const isClass = typeof given === 'function' && factory === undefined;
    if (isClass ? !isPart(given) : isPart(factory)) {
      const part = `a ${this.#kind} class alone, as in ${call}(MyClass)`;
      reject(`${call}: argument`, `${part}, or a name and a function`, factory ?? given);
    }
    const type = isClass ? ownType(given) : given;
    if (isClass && type === undefined) {
      throw new ValueError(`${call}: ${given.name} needs a static type, such as '${given.name}'`);
    }
    if (typeof type !== 'string') reject(`${call}: name`, 'a string', given);
    if (!isClass) isFunction(`${call}: factory`, factory);
    const { positional = [], fromConfig = Object } = Object(given) as Partial<PartClass<Part>>;
    checkArray(`${call}: ${type}.positional`, positional);
    isFunction(`${call}: ${type}.fromConfig`, fromConfig);
    if (this.builtIn.has(type)) {
      throw new ValueError(`${call}: '${type}' is the name of a built-in class`);
    }
    if (isClass) this.#add(type, given);
    else this.#factories.set(type, factory as Factory<Part>);
  }

  /**
   * Makes an object from its type and constructor arguments.
   * @throws {@link ArgumentTypeError} for anything but an object with a type, {@link ValueError} for
   * an unknown one, and what the constructor throws.
   */
  create(given: unknown): Part {
    const { type, ...config } = Object(given) as Arguments;
    const call = `${this.#kind}FromConfig`;
    if (typeof type !== 'string')
      reject(`${call}: type`, `the name of a ${this.#kind} class`, type);
    const factory = this.#factories.get(type);
    if (factory) return nested(call, () => factory(config));
    throw new ValueError(
      `${call}: unknown ${this.#kind} type ${describe(type)}${this.#hint}` +
        suggest(type, [...this.#factories.keys()]),
    );
  }
}
