import type { Client } from '../client.js';
import type { Samples } from '../protocol.js';
import { byId, create, onThemeChange } from './dom.js';
import { paintImage } from './pixels.js';

interface Cell {
  readonly item: HTMLLIElement;
  readonly canvas: HTMLCanvasElement;
  readonly guess: HTMLElement;
  readonly image: Uint8Array;
  readonly label: number;
}

const pixels = 28 * 28;
/** Stands where the network has not been asked. */
const unknown = '·';

/** Shows held-out samples and what the network takes each for. */
export class WatchPanel {
  readonly #list = byId('watched', HTMLOListElement);
  readonly #classes: () => readonly string[];
  #cells: Cell[] = [];

  constructor(client: Client, classes: () => readonly string[]) {
    this.#classes = classes;
    client.on('watched', (samples) => {
      this.#fill(samples);
    });
    client.on('started', () => {
      this.#forget();
    });
    client.on('progress', ({ watched }) => {
      this.#show(watched);
    });
    onThemeChange(() => {
      for (const { canvas, image } of this.#cells) paintImage(canvas, image, 255);
    });
  }

  #fill({ images, labels }: Samples): void {
    this.#cells = Array.from(labels, (label, i) => {
      const canvas = create('canvas', '');
      const guess = create('span', 'guess', unknown);
      const image = images.subarray(i * pixels, (i + 1) * pixels);
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
