import type { Client } from '../client.js';
import { sourcesOf } from '../datasets.js';
import type { FileFormat, Kept, RunConfig } from '../protocol.js';
import { byId } from './dom.js';
import { count } from './format.js';

/** The kinds of files that the page writes, the first being offered first. */
const formats: readonly { readonly format: FileFormat; readonly text: string }[] = [
  { format: 'npz', text: '.npz (layers and weights)' },
  { format: 'safetensors', text: '.safetensors (weights)' },
  { format: 'onnx', text: '.onnx (to run elsewhere)' },
];

/** Hands a file to the reader. */
function download(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Some browsers begin the download only in a later task.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Models as files, and the run that survived a reload. */
export class KeepPanel {
  readonly #client: Client;
  readonly #onRestore: (config: RunConfig) => void;
  readonly #banner = byId('kept', HTMLElement);
  readonly #restore = byId('restore', HTMLButtonElement);
  readonly #save = byId('save', HTMLButtonElement);
  readonly #format = byId('format', HTMLSelectElement);
  readonly #load = byId('load', HTMLButtonElement);
  readonly #file = byId('file', HTMLInputElement);
  readonly #readConfig: () => RunConfig;
  #kept: Kept | undefined;

  /** @param onRestore - Called before a kept run goes on, with what it was set to. */
  constructor(client: Client, readConfig: () => RunConfig, onRestore: (config: RunConfig) => void) {
    this.#client = client;
    this.#readConfig = readConfig;
    this.#onRestore = onRestore;
    this.#format.append(...formats.map(({ format, text }) => new Option(text, format)));
    this.#save.addEventListener('click', () => {
      const format = formats.find((each) => each.format === this.#format.value)?.format ?? 'npz';
      client.send({ type: 'save', format });
    });
    this.#load.addEventListener('click', () => this.#file.click());
    this.#file.addEventListener('change', () => void this.#loadFile());
    this.#restore.addEventListener('click', () => this.#goOn());
    byId('forget', HTMLButtonElement).addEventListener('click', () => {
      client.send({ type: 'forget' });
      this.#banner.hidden = true;
      byId('go', HTMLButtonElement).focus();
    });
    client.on('kept', (kept) => this.#offer(kept));
    client.on('saved', ({ format, bytes }) => download(`lamella.${format}`, bytes));
    client.on('started', () => {
      this.#banner.hidden = true;
      this.#save.disabled = false;
      this.#load.disabled = true;
    });
    client.on('loaded', () => (this.#save.disabled = false));
    client.on('finished', () => (this.#load.disabled = false));
    client.on('error', ({ endsRun }) => {
      if (endsRun) this.#load.disabled = false;
    });
    client.send({ type: 'kept' });
  }

  #offer(kept: Kept): void {
    this.#kept = kept;
    const { step, steps } = kept;
    const done = step === steps;
    byId('kept-text', HTMLElement).textContent = done
      ? `Your last network, trained for ${count(steps)} batches, is still here.`
      : `A training run stopped after ${count(step)} of ${count(steps)} batches.`;
    this.#restore.textContent = done ? 'Bring it back' : 'Go on with it';
    this.#banner.hidden = false;
  }

  #goOn(): void {
    if (this.#kept === undefined) return;
    const { config } = this.#kept;
    this.#banner.hidden = true;
    this.#onRestore(config);
    const sources = sourcesOf(config.dataset, config.full);
    this.#client.send({ type: 'restore', sources });
  }

  async #loadFile(): Promise<void> {
    const file = this.#file.files?.[0];
    if (file === undefined) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    // The same file can be chosen again.
    this.#file.value = '';
    const config = this.#readConfig();
    const { test } = sourcesOf(config.dataset, false);
    this.#client.send({ type: 'load', name: file.name, bytes, config, test });
  }
}
