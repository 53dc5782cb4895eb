import type { Session } from '../session/session.js';
import type { KeptRun } from '../session/kept.js';
import type { FileFormat, RunConfig } from '../types.js';
import { byId } from '../../shared/dom.js';
import { download } from '../../shared/download.js';
import { count } from '../../shared/format.js';

/** The kinds of files that the page writes, the first being offered first. */
const formats: readonly { readonly format: FileFormat; readonly text: string }[] = [
  { format: 'npz', text: '.npz (layers and weights)' },
  { format: 'safetensors', text: '.safetensors (weights)' },
  { format: 'onnx', text: '.onnx (to run elsewhere)' },
];

/** Models as files, and the run that survived a reload. */
export class KeepPanel {
  readonly #session: Session;
  readonly #onRestore: (config: RunConfig) => void;
  readonly #banner = byId('kept', HTMLElement);
  readonly #restore = byId('restore', HTMLButtonElement);
  readonly #save = byId('save', HTMLButtonElement);
  readonly #format = byId('format', HTMLSelectElement);
  readonly #load = byId('load', HTMLButtonElement);
  readonly #file = byId('file', HTMLInputElement);
  readonly #readConfig: () => RunConfig;

  /** @param onRestore - Called before a kept run goes on, with what it was set to. */
  constructor(
    session: Session,
    readConfig: () => RunConfig,
    onRestore: (config: RunConfig) => void,
  ) {
    this.#session = session;
    this.#readConfig = readConfig;
    this.#onRestore = onRestore;
    this.#format.append(...formats.map(({ format, text }) => new Option(text, format)));
    this.#save.addEventListener('click', () => {
      const format = formats.find((each) => each.format === this.#format.value)?.format ?? 'npz';
      void session.save(format).then((bytes) => {
        if (bytes) download(`lamella.${format}`, bytes);
      });
    });
    this.#load.addEventListener('click', () => this.#file.click());
    this.#file.addEventListener('change', () => void this.#loadFile());
    byId('forget', HTMLButtonElement).addEventListener('click', () => {
      session.forget();
      this.#banner.hidden = true;
      byId('go', HTMLButtonElement).focus();
    });
    session.on('started', () => {
      this.#banner.hidden = true;
      this.#save.disabled = false;
      this.#load.disabled = true;
    });
    session.on('loaded', () => (this.#save.disabled = false));
    session.on('finished', () => (this.#load.disabled = false));
    session.on('error', ({ endsRun }) => {
      if (endsRun) this.#load.disabled = false;
    });
    void session.kept().then((kept) => {
      if (kept) this.#offer(kept);
    });
  }

  #offer(kept: KeptRun): void {
    const { points, steps } = kept;
    const step = points.length;
    const done = step === steps;
    byId('kept-text', HTMLElement).textContent = done
      ? `Your last network, trained for ${count(steps)} batches, is still here.`
      : `A training run stopped after ${count(step)} of ${count(steps)} batches.`;
    this.#restore.textContent = done ? 'Bring it back' : 'Go on with it';
    this.#restore.addEventListener('click', () => {
      this.#banner.hidden = true;
      this.#onRestore(kept.config);
      this.#session.restore(kept);
    });
    this.#banner.hidden = false;
  }

  async #loadFile(): Promise<void> {
    const file = this.#file.files?.[0];
    if (file === undefined) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    // The same file can be chosen again.
    this.#file.value = '';
    this.#session.load(file.name, bytes, this.#readConfig());
  }
}
