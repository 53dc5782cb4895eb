import { Bars } from '../shared/bars.js';
import { byId, create } from '../shared/dom.js';
import { percent } from '../shared/format.js';
import type { Camera } from './camera.js';
import { predictPicture } from './network.js';
import { paintPicture, type Picture, takePicture } from './picture.js';
import type { Taught } from './taught.js';
import { wait } from './wait.js';

/** Milliseconds between two looks at the camera. */
const interval = 100;

/** Lets the network say what it sees, in the camera ten times a second, or in a chosen picture. */
export class TryPanel {
  readonly #camera: Camera;
  readonly #taught: Taught;
  readonly #bars = new Bars();
  readonly #answer = byId('answer', HTMLElement);
  readonly #seen = byId('seen', HTMLCanvasElement);
  readonly #choose = byId('try', HTMLButtonElement);
  readonly #live = byId('live', HTMLButtonElement);
  readonly #file = byId('try-file', HTMLInputElement);
  /** The chosen one, which stands until the camera is wanted again. */
  #picture: Picture | undefined;
  #isWatching = false;
  #names = '';

  constructor(camera: Camera, taught: Taught) {
    this.#camera = camera;
    this.#taught = taught;
    this.#choose.addEventListener('click', () => this.#file.click());
    this.#file.addEventListener('change', () => void this.#takeFile());
    this.#live.addEventListener('click', () => {
      this.#picture = undefined;
      this.#choose.focus();
      this.update();
    });
  }

  /** Looks again: the network, its classes' names or the camera may be others. */
  update(): void {
    const { model, names } = this.#taught;
    this.#choose.disabled = model === undefined;
    this.#live.hidden = this.#picture === undefined || !this.#camera.isOn;
    if (model === undefined) return;
    const joined = JSON.stringify(names);
    if (joined !== this.#names) this.#bars.setClasses(names);
    this.#names = joined;
    if (this.#picture) this.#show(this.#picture);
    else if (this.#camera.isOn) void this.#watch();
    else this.#write('Start the camera, or try a picture.');
  }

  /** Whether the network looks at the camera. */
  #isLive(): boolean {
    return this.#camera.isOn && this.#picture === undefined;
  }

  async #watch(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    while (this.#isLive()) {
      const next = wait(interval);
      try {
        const picture = await takePicture(this.#camera.video);
        if (this.#isLive()) this.#show(picture);
      } catch (error) {
        if (this.#isLive()) this.#write(error instanceof Error ? error.message : String(error));
      }
      await next;
    }
    this.#isWatching = false;
  }

  #show(picture: Picture): void {
    const { model, names } = this.#taught;
    if (model === undefined) return;
    const probabilities = predictPicture(model, picture);
    paintPicture(this.#seen, picture);
    this.#seen.setAttribute('aria-label', 'The picture, scaled to 64 by 64 pixels.');
    this.#bars.show(probabilities);
    const best = Math.max(...probabilities);
    const name = names[probabilities.indexOf(best)] ?? '?';
    const certainty = best > 0.9 ? 'Looks like' : best > 0.6 ? 'Probably' : 'Perhaps';
    // Percentages of a camera change with each look, and this is read aloud.
    const share = this.#picture ? ` (${percent(best)})` : '';
    this.#write(`${certainty} `, create('strong', '', name), `${share}.`);
  }

  #write(...parts: (Node | string)[]): void {
    const text = parts.map((part) => (typeof part === 'string' ? part : part.textContent)).join('');
    if (this.#answer.textContent !== text) this.#answer.replaceChildren(...parts);
  }

  async #takeFile(): Promise<void> {
    const file = this.#file.files?.[0];
    if (file === undefined) return;
    // The same file can be chosen again.
    this.#file.value = '';
    try {
      this.#picture = await takePicture(file);
      this.update();
    } catch {
      this.#write(`${file.name} is no picture that this browser shows.`);
    }
  }
}
