import { loadNpz, type Model, saveNpz } from 'lamella';
import { byId } from '../shared/dom.js';
import { download } from '../shared/download.js';
import { maxClasses } from './examples.js';
import { predictPicture } from './network.js';
import { pictureShape } from './picture.js';
import type { Taught } from './taught.js';

const ending = '.npz';

/** A file's name that tells the classes: "Cat+Dog.npz". */
const fileNameOf = (names: readonly string[]): string =>
  names.map((name) => name.replace(/[^\p{L}\p{N} _-]/gu, '_')).join('+') + ending;

/** The classes that a file's name tells, as far as it does; a browser may have numbered the file. */
function namesIn(fileName: string, count: number): readonly string[] {
  const names = fileName.replace(/( ?\(\d+\))?\.npz$/i, '').split('+');
  if (names.length === count) return names;
  return Array.from({ length: count }, (_, i) => `Class ${i + 1}`);
}

/** Throws unless a model tells pictures of this page apart. */
function checkFits(model: Model): void {
  const [input, output] = [model.inputShape.join(' × '), model.outputShape.join(' × ')];
  const count = Number(output);
  if (input !== pictureShape.join(' × ') || !(count >= 2 && count <= maxClasses)) {
    throw new Error(
      `its network makes ${output} numbers of ${input}; ` +
        `this page needs 2 to ${maxClasses} of ${pictureShape.join(' × ')}`,
    );
  }
  const size = pictureShape.reduce((a, b) => a * b);
  const sum = predictPicture(model, new Uint8ClampedArray(size)).reduce((a, b) => a + b);
  if (!(Math.abs(sum - 1) < 1e-3)) throw new Error('its network does not end in probabilities');
}

/** The network as a file. */
export class KeepPanel {
  readonly #taught: Taught;
  readonly #changed: () => void;
  readonly #save = byId('save', HTMLButtonElement);
  readonly #load = byId('load', HTMLButtonElement);
  readonly #file = byId('file', HTMLInputElement);
  readonly #status = byId('keep-status', HTMLElement);

  /** @param changed - Called when a network was loaded. */
  constructor(taught: Taught, changed: () => void) {
    this.#taught = taught;
    this.#changed = changed;
    this.#save.addEventListener('click', () => void this.#saveFile());
    this.#load.addEventListener('click', () => this.#file.click());
    this.#file.addEventListener('change', () => void this.#loadFile());
    this.#load.disabled = false;
  }

  update(): void {
    this.#save.disabled = this.#taught.model === undefined;
  }

  async #saveFile(): Promise<void> {
    const { model, names } = this.#taught;
    if (model === undefined) return;
    const name = fileNameOf(names);
    download(name, await saveNpz(model));
    this.#status.textContent = `Saved as ${name}.`;
  }

  async #loadFile(): Promise<void> {
    const file = this.#file.files?.[0];
    if (file === undefined) return;
    // The same file can be chosen again.
    this.#file.value = '';
    let model: Model | undefined;
    try {
      model = await loadNpz(new Uint8Array(await file.arrayBuffer()));
      checkFits(model);
    } catch (error) {
      model?.dispose();
      const why = error instanceof Error ? error.message : String(error);
      this.#status.textContent = `${file.name} cannot be loaded: ${why}`;
      return;
    }
    const names = namesIn(file.name, Number(model.outputShape[0]));
    this.#taught.take(model, () => names);
    this.#status.textContent = `${file.name} tells ${names.join(', ')} apart.`;
    this.#changed();
  }
}
