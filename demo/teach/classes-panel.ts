import { byId } from '../shared/dom.js';
import type { Camera } from './camera.js';
import { ClassCard } from './class-card.js';
import { ExampleClass, maxClasses } from './examples.js';

/** The classes, two at first. */
export class ClassesPanel {
  readonly #camera: Camera;
  readonly #changed: () => void;
  readonly #list = byId('classes', HTMLOListElement);
  readonly #add = byId('add-class', HTMLButtonElement);
  readonly #classes: ExampleClass[] = [];
  readonly #cards: ClassCard[] = [];

  /** @param changed - Called when a name or the pictures of a class are others. */
  constructor(camera: Camera, changed: () => void) {
    this.#camera = camera;
    this.#changed = changed;
    this.#append();
    this.#append();
    this.#add.addEventListener('click', () => {
      this.#append().querySelector('input')?.select();
      changed();
    });
    this.#add.disabled = false;
  }

  get classes(): readonly ExampleClass[] {
    return this.#classes;
  }

  update(): void {
    for (const card of this.#cards) card.update();
  }

  #append(): HTMLLIElement {
    const example = new ExampleClass(`Class ${this.#classes.length + 1}`, this.#changed);
    const card = new ClassCard(example, this.#camera);
    this.#classes.push(example);
    this.#cards.push(card);
    this.#list.append(card.item);
    this.#add.hidden = this.#classes.length === maxClasses;
    return card.item;
  }
}
