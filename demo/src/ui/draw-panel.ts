import { datasetOf } from '../datasets.js';
import { rasterise } from '../digits/rasterise.js';
import type { Session } from '../session/session.js';
import type { Prediction } from '../types.js';
import { Bars } from '../../shared/bars.js';
import { byId, create, onThemeChange } from '../../shared/dom.js';
import { percent } from '../../shared/format.js';
import { Pad, padSide } from './pad.js';
import { paintImage } from './pixels.js';

/** Milliseconds that an answer stands before it is written out, which screen readers read. */
const settle = 250;

/** A pad to draw on, what the network sees of it, and what it makes of that. */
export class DrawPanel {
  readonly #session: Session;
  readonly #dataset: () => string;
  readonly #pad: Pad;
  readonly #bars = new Bars();
  readonly #hint = byId('pad-hint', HTMLParagraphElement);
  readonly #seen = byId('seen', HTMLCanvasElement);
  readonly #answer = byId('answer', HTMLParagraphElement);
  readonly #clear = byId('clear', HTMLButtonElement);

  #image: Float32Array | undefined;
  /** Class of the image, when it comes from the data. */
  #label: number | undefined;
  /** Whether the worker has a network that has begun to learn. */
  #trained = false;
  #waiting = false;
  #changed = false;
  #answerTimer = 0;

  constructor(session: Session, dataset: () => string) {
    this.#session = session;
    this.#dataset = dataset;
    this.#pad = new Pad(() => {
      this.#label = undefined;
      this.#take(rasterise(this.#pad.strokes, padSide));
    });
    this.#clear.addEventListener('click', () => {
      this.#pad.clear();
      this.#take(undefined);
      byId('sample', HTMLButtonElement).focus();
    });
    byId('sample', HTMLButtonElement).addEventListener('click', () => {
      void session.sample(dataset()).then((sample) => {
        if (sample) this.take(sample.image, sample.label);
      });
    });
    session.on('started', () => {
      this.#trained = true;
      this.showClasses();
    });
    session.on('loaded', () => {
      this.#trained = true;
      this.#take(this.#image);
    });
    session.on('progress', () => void this.#predict());
    session.on('finished', () => void this.#predict());
    session.on('predicted', (prediction) => this.#show(prediction));
    onThemeChange(() => this.#paint());
    this.forget();
  }

  /** The image to recognise, 784 values from 0 to 1. */
  get image(): Float32Array | undefined {
    return this.#image;
  }

  /** Puts a sample of the data in place of a drawing. */
  take(image: Uint8Array, label: number): void {
    this.#pad.clear();
    this.#label = label;
    this.#take(Float32Array.from(image, (value) => value / 255));
  }

  /** Starts with an empty pad and a network that knows nothing, as after another data set is chosen. */
  forget(): void {
    this.#trained = false;
    this.showClasses();
    this.#pad.clear();
    this.#take(undefined);
  }

  /** Names the bars after the classes of the data set. */
  showClasses(): void {
    this.#bars.setClasses(datasetOf(this.#dataset()).classes);
    this.#hint.textContent = `Draw a ${this.#noun} here`;
    void this.#predict();
  }

  get #noun(): string {
    return datasetOf(this.#dataset()).noun;
  }

  #take(image: Float32Array | undefined): void {
    this.#image = image;
    this.#clear.disabled = image === undefined;
    this.#hint.hidden = image !== undefined;
    this.#paint();
    if (image === undefined || !this.#trained) {
      clearTimeout(this.#answerTimer);
      this.#bars.show(undefined);
      this.#answer.textContent = this.#explanation();
    }
    void this.#predict();
  }

  #explanation(): string {
    if (this.#trained) return `Draw a ${this.#noun}, and the network says what it sees.`;
    if (this.#image === undefined) {
      return 'The network knows nothing yet: press Train. You may draw already.';
    }
    return 'The network knows nothing yet. Press Train and watch the bars.';
  }

  #paint(): void {
    paintImage(this.#seen, this.#image ?? []);
    const label = this.#image ? 'The drawing, scaled to 28 by 28 pixels.' : 'Nothing drawn yet.';
    this.#seen.setAttribute('aria-label', label);
  }

  /** Asks for a prediction; while one is under way, the next follows it. */
  async #predict(): Promise<void> {
    if (this.#image === undefined || !this.#trained) return;
    this.#changed = this.#waiting;
    if (this.#waiting) return;
    this.#waiting = true;
    await this.#session.predict(this.#image);
    this.#waiting = false;
    if (this.#changed) await this.#predict();
  }

  #show({ probabilities, milliseconds }: Prediction): void {
    if (this.#image === undefined) return;
    this.#bars.show(probabilities);
    clearTimeout(this.#answerTimer);
    this.#answerTimer = window.setTimeout(() => {
      this.#writeAnswer(probabilities, milliseconds);
    }, settle);
  }

  #writeAnswer(probabilities: Float32Array, milliseconds: number): void {
    const best = Math.max(...probabilities);
    const { classes } = datasetOf(this.#dataset());
    const name = (index: number | undefined) => classes[index ?? -1] ?? '?';
    const guess = name(probabilities.indexOf(best));
    const certainty = best > 0.9 ? 'Looks like' : best > 0.6 ? 'Probably' : 'Perhaps';
    const truth = this.#label === undefined ? '' : ` The data calls it ${name(this.#label)}.`;
    this.#answer.replaceChildren(
      `${certainty} `,
      create('strong', '', guess),
      ` (${percent(best)}).${truth} Read in ${milliseconds.toFixed(1)} ms.`,
    );
  }
}
