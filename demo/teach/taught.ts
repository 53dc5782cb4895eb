import type { Model } from 'lamella';

/** The network that the page has taught or loaded, and what it tells apart. */
export class Taught {
  #model: Model | undefined;
  #names: () => readonly string[] = () => [];

  get model(): Model | undefined {
    return this.#model;
  }

  /** Of the classes, in the order of the model's outputs. */
  get names(): readonly string[] {
    return this.#names();
  }

  /**
   * Takes a model in place of the last one.
   * @param names - Asked each time, since classes can be renamed after the training.
   */
  take(model: Model, names: () => readonly string[]): void {
    this.#model?.dispose();
    this.#model = model;
    this.#names = names;
  }
}
