import type { Session } from '../session/session.js';
import { toInputs } from '../digits/data.js';
import { kindOf } from '../layer-kinds.js';
import type { Histogram, LayerLook, Look } from '../types.js';
import { byId, create, cssValue, onThemeChange } from '../../shared/dom.js';
import { paintMaps } from './pixels.js';

/** Milliseconds between two looks. */
const lookEvery = 300;

function createMaps(name: string): HTMLCanvasElement {
  const canvas = create('canvas', 'maps');
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', name);
  return canvas;
}

function paintHistogram(canvas: HTMLCanvasElement, { counts }: Histogram, colour: string): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const bar = 6;
  canvas.width = counts.length * bar;
  canvas.height = 60;
  const most = Math.max(...counts, 1);
  context.fillStyle = cssValue(colour);
  counts.forEach((count, i) => {
    const height = (count / most) * canvas.height;
    context.fillRect(i * bar, canvas.height - height, bar - 1, height);
  });
}

/** One layer: its output as pictures, how its weights and gradients spread. */
class LayerView {
  readonly item: HTMLLIElement;
  readonly #maps: HTMLCanvasElement;
  readonly #histograms = create('div', 'histograms');

  constructor({ type }: LayerLook, index: number) {
    const title = `${String(index + 1)} ${kindOf(type)?.title ?? type}`;
    this.#maps = createMaps(`Output of layer ${title}`);
    this.item = create('li', '', create('h3', '', title), this.#maps, this.#histograms);
  }

  show({ output, weights, gradients }: LayerLook): void {
    paintMaps(this.#maps, output);
    if (weights === undefined || gradients === undefined) return;
    if (this.#histograms.childElementCount === 0) {
      this.#histograms.append(
        create('figure', '', create('canvas', ''), create('figcaption', '')),
        create('figure', '', create('canvas', ''), create('figcaption', '')),
      );
    }
    this.#showHistogram(0, 'Weights', weights, '--train');
    this.#showHistogram(1, 'Gradients', gradients, '--test');
  }

  #showHistogram(index: number, name: string, histogram: Histogram, colour: string): void {
    const figure = this.#histograms.children[index];
    const canvas = figure?.querySelector('canvas');
    const caption = figure?.querySelector('figcaption');
    if (!canvas || !caption) return;
    paintHistogram(canvas, histogram, colour);
    caption.textContent = `${name}, ± ${histogram.range.toPrecision(2)}`;
  }
}

/** Shows every layer's output for the image at hand, while the network learns. */
export class InsidePanel {
  readonly #session: Session;
  readonly #image: () => Float32Array | undefined;
  readonly #list = byId('looks', HTMLOListElement);
  readonly #kernels = byId('kernels', HTMLElement);
  #views: LayerView[] = [];
  #last: Look | undefined;
  #waiting = false;
  #lastTime = 0;
  /** A sample to look at while nothing is drawn. */
  #sample: Float32Array | undefined;

  /** @param image - The image at hand, 784 values from 0 to 1. */
  constructor(session: Session, image: () => Float32Array | undefined) {
    this.#session = session;
    this.#image = image;
    session.on('watched', (digits) => (this.#sample = toInputs(digits, 0, 1)));
    session.on('loaded', () => {
      this.#views = [];
      this.#lastTime = 0;
      void this.#ask();
    });
    session.on('started', () => (this.#views = []));
    session.on('progress', () => void this.#ask());
    session.on('predicted', () => void this.#ask());
    session.on('finished', () => {
      this.#lastTime = 0;
      void this.#ask();
    });
    onThemeChange(() => {
      if (this.#last) this.#show(this.#last);
    });
  }

  async #ask(): Promise<void> {
    const image = this.#image() ?? this.#sample;
    const now = performance.now();
    if (this.#waiting || image === undefined || now - this.#lastTime < lookEvery) return;
    this.#waiting = true;
    this.#lastTime = now;
    const look = await this.#session.look(image);
    this.#waiting = false;
    if (look === undefined) return;
    this.#last = look;
    this.#show(look);
  }

  #show({ layers, kernels }: Look): void {
    byId('inside-note', HTMLParagraphElement).textContent =
      'What each layer makes of what you drew, or else of a held-out image. ' +
      'Teal is above zero, orange below.';
    // A list as long as the one before it shows the same numbers again.
    const shown = layers.filter(({ type }) => type !== 'Flatten');
    if (this.#views.length !== shown.length) {
      this.#views = layers
        .map((layer, i) => ({ layer, i }))
        .filter(({ layer }) => layer.type !== 'Flatten')
        .map(({ layer, i }) => new LayerView(layer, i));
      this.#list.replaceChildren(...this.#views.map(({ item }) => item));
    }
    this.#views.forEach((view, i) => {
      const layer = shown[i];
      if (layer) view.show(layer);
    });
    this.#kernels.hidden = kernels === undefined;
    const canvas = this.#kernels.querySelector('canvas');
    if (kernels && canvas) paintMaps(canvas, kernels);
  }
}
