import { byId, create } from './dom.js';
import { percent } from './format.js';

interface Bar {
  readonly item: HTMLLIElement;
  readonly fill: HTMLElement;
  readonly value: HTMLElement;
}

function createBar(name: string): Bar {
  const fill = create('span', '');
  const value = create('span', 'value', '–');
  const bar = create('span', 'bar', fill);
  return { item: create('li', '', create('span', 'class', name), bar, value), fill, value };
}

/** One bar per class, as long as its probability. */
export class Bars {
  readonly #list = byId('bars', HTMLOListElement);
  #bars: Bar[] = [];

  setClasses(names: readonly string[]): void {
    this.#bars = names.map(createBar);
    this.#list.replaceChildren(...this.#bars.map(({ item }) => item));
  }

  /** Without probabilities the bars are empty. */
  show(probabilities: Float32Array | undefined): void {
    const best = probabilities ? Math.max(...probabilities) : Infinity;
    this.#bars.forEach(({ item, fill, value }, i) => {
      const probability = probabilities?.[i] ?? 0;
      item.classList.toggle('best', probability === best);
      fill.style.setProperty('--share', probability.toFixed(4));
      value.textContent = probabilities ? percent(probability) : '–';
    });
  }
}
