import type { Picture } from './picture.js';

/** Pictures that a class may have, 12 kB each. */
export const maxExamples = 500;
/** Pictures that a class needs to be trained on. */
export const minExamples = 5;
export const maxClasses = 5;

/** A class that a network learns to tell from the others: its name, and pictures of it. */
export class ExampleClass {
  readonly #changed: () => void;
  #examples: Picture[] = [];
  #name: string;

  /** @param changed - Called when the name or the pictures are others. */
  constructor(name: string, changed: () => void) {
    this.#name = name;
    this.#changed = changed;
  }

  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    this.#name = name;
    this.#changed();
  }

  get examples(): readonly Picture[] {
    return this.#examples;
  }

  get isFull(): boolean {
    return this.#examples.length >= maxExamples;
  }

  /** Takes a picture, unless the class is full. */
  add(picture: Picture): void {
    if (this.isFull) return;
    this.#examples.push(picture);
    this.#changed();
  }

  empty(): void {
    this.#examples = [];
    this.#changed();
  }
}

/** Those of the classes that have pictures. */
export const filled = (classes: readonly ExampleClass[]): readonly ExampleClass[] =>
  classes.filter(({ examples }) => examples.length > 0);

/** A sentence on the pictures that a training lacks; undefined when it can begin. */
export function missing(classes: readonly ExampleClass[]): string | undefined {
  const begun = filled(classes);
  const short = begun.filter(({ examples }) => examples.length < minExamples);
  const needs = short.map(
    ({ name, examples }) => `${minExamples - examples.length} more of ${name}`,
  );
  const absent = 2 - begun.length;
  if (absent > 0) {
    needs.push(
      `${minExamples} pictures of ${absent === 2 ? 'each of two classes' : 'another class'}`,
    );
  }
  return needs.length > 0 ? `Missing: ${needs.join(', ')}.` : undefined;
}
