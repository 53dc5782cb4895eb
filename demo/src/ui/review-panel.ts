import type { Session } from '../session/session.js';
import type { Mistake, Review } from '../types.js';
import { byId, create, onThemeChange } from '../../shared/dom.js';
import { count, percent } from '../../shared/format.js';
import { paintImage } from './pixels.js';

/** Which classes the network takes for which, and its surest mistakes. */
export class ReviewPanel {
  readonly #onPick: (mistake: Mistake) => void;
  readonly #table = byId('confusion', HTMLTableElement);
  readonly #list = byId('mistakes', HTMLUListElement);
  #review: Review | undefined;
  /** Those of the review. */
  #names: readonly string[] = [];

  /** @param onPick - Called when the reader wants to see more of a mistake. */
  constructor(
    session: Session,
    classes: () => readonly string[],
    onPick: (mistake: Mistake) => void,
  ) {
    this.#onPick = onPick;
    const take = ({ review }: { readonly review?: Review }): void => {
      if (review === undefined) return;
      this.#review = review;
      this.#names = classes();
      this.#show();
    };
    session.on('finished', take);
    session.on('loaded', take);
    onThemeChange(() => this.#show());
  }

  #show(): void {
    if (this.#review === undefined) return;
    const { confusion, mistakes, samples, accuracy } = this.#review;
    const wrong = Math.round(samples * (1 - accuracy));
    byId('review-note', HTMLParagraphElement).textContent =
      `${count(wrong)} of ${count(samples)} held-out images are read wrongly.`;
    this.#showConfusion(confusion);
    this.#list.replaceChildren(...mistakes.map((mistake) => this.#createMistake(mistake)));
    byId('review', HTMLDivElement).hidden = false;
  }

  #showConfusion(confusion: Uint32Array): void {
    this.#table.classList.toggle(
      'names',
      this.#names.some((name) => name.length > 2),
    );
    const header = (name: string, scope: string) => {
      const cell = create('th', '', name);
      cell.scope = scope;
      return cell;
    };
    const classes = this.#names;
    const head = create('tr', '', create('td', 'none'), ...classes.map((c) => header(c, 'col')));
    const rows = classes.map((name, row) => {
      const cells = classes.map((_, column) => {
        const number = confusion[row * 10 + column] ?? 0;
        const kind = number === 0 ? 'none' : row === column ? 'right' : 'wrong';
        return create('td', kind, number === 0 ? '' : String(number));
      });
      return create('tr', '', header(name, 'row'), ...cells);
    });
    this.#table.replaceChildren(
      create('caption', '', 'Rows: what it is. Columns: what it is taken for.'),
      create('thead', '', head),
      create('tbody', '', ...rows),
    );
  }

  #createMistake(mistake: Mistake): HTMLLIElement {
    const name = (index: number) => this.#names[index] ?? String(index);
    const canvas = create('canvas', '');
    canvas.setAttribute('aria-hidden', 'true');
    paintImage(canvas, mistake.image, 255);
    const button = create(
      'button',
      '',
      canvas,
      `${name(mistake.label)}, read as ${name(mistake.guess)}`,
    );
    button.type = 'button';
    button.title = `${percent(mistake.probability)} sure`;
    button.addEventListener('click', () => this.#onPick(mistake));
    return create('li', '', button);
  }
}
