import { imageOf } from '../digits/data.js';
import type { Session } from '../session/session.js';
import type { Digits } from '../types.js';
import { byId, create, onThemeChange } from '../../shared/dom.js';
import { paintImage } from './pixels.js';

interface Cell {
  readonly item: HTMLLIElement;
  readonly canvas: HTMLCanvasElement;
  readonly guess: HTMLElement;
  readonly image: Uint8Array;
  readonly label: number;
}

/** Stands where the network has not been asked. */
const unknown = '·';

/** Shows held-out samples and what the network takes each for. */
export class WatchPanel {
  readonly #list = byId('watched', HTMLOListElement);
  readonly #classes: () => readonly string[];
  #cells: Cell[] = [];

  constructor(session: Session, classes: () => readonly string[]) {
    this.#classes = classes;
    session.on('watched', (samples) => this.#fill(samples));
    session.on('started', () => this.#forget());
    session.on('progress', ({ watched }) => this.#show(watched));
    onThemeChange(() => {
      for (const { canvas, image } of this.#cells) paintImage(canvas, image, 255);
    });
  }

  #fill(digits: Digits): void {
    this.#cells = Array.from(digits.labels, (label, i) => {
      const canvas = create('canvas', '');
      const guess = create('span', 'guess', unknown);
      const image = imageOf(digits, i);
      canvas.setAttribute('role', 'img');
      canvas.setAttribute('aria-label', this.#classes()[label] ?? String(label));
      paintImage(canvas, image, 255);
      return { item: create('li', '', canvas, guess), canvas, guess, image, label };
    });
    this.#list.classList.toggle(
      'names',
      this.#classes().some((name) => name.length > 2),
    );
    this.#list.replaceChildren(...this.#cells.map(({ item }) => item));
  }

  #forget(): void {
    for (const { item, guess } of this.#cells) {
      item.className = '';
      guess.textContent = unknown;
    }
  }

  #show(guesses: Uint8Array): void {
    this.#cells.forEach(({ item, guess, label }, i) => {
      const guessed = guesses[i] ?? 0;
      const name = this.#classes()[guessed] ?? String(guessed);
      if (guess.textContent === name) return;
      guess.textContent = name;
      item.className = guessed === label ? 'right' : 'wrong';
    });
  }
}
