import type { EpochResult } from 'lamella';
import { byId } from '../shared/dom.js';
import { percent } from '../shared/format.js';
import { type ExampleClass, filled, missing } from './examples.js';
import { createModel, trainModel } from './network.js';
import type { Taught } from './taught.js';

/** Trains a network on the classes. */
export class TrainPanel {
  readonly #classes: () => readonly ExampleClass[];
  readonly #taught: Taught;
  readonly #changed: () => void;
  readonly #go = byId('go', HTMLButtonElement);
  readonly #stop = byId('stop', HTMLButtonElement);
  readonly #progress = byId('progress', HTMLProgressElement);
  readonly #status = byId('status', HTMLElement);
  readonly #alert = byId('alert', HTMLElement);
  readonly #accuracy = byId('accuracy', HTMLElement);
  /** Of the training under way. */
  #abort: AbortController | undefined;
  #isMissing = true;

  /** @param changed - Called when there is another network. */
  constructor(classes: () => readonly ExampleClass[], taught: Taught, changed: () => void) {
    this.#classes = classes;
    this.#taught = taught;
    this.#changed = changed;
    this.#go.addEventListener('click', () => void this.#train());
    this.#stop.addEventListener('click', () => this.#abort?.abort());
  }

  /** Says whether the classes suffice. */
  update(): void {
    const needs = missing(this.#classes());
    this.#go.disabled = needs !== undefined || this.#abort !== undefined;
    if (this.#abort) return;
    // The result of the last training stays until something is missing.
    if (needs !== undefined) this.#write(needs);
    else if (this.#isMissing) this.#write('Ready: one press, and it learns in a few seconds.');
    this.#isMissing = needs !== undefined;
  }

  /** Live regions are read when they are written, also with the same words. */
  #write(text: string): void {
    if (this.#status.textContent !== text) this.#status.textContent = text;
  }

  async #train(): Promise<void> {
    const classes = filled(this.#classes());
    this.#abort = new AbortController();
    this.#begin();
    let model;
    let last: EpochResult | undefined;
    try {
      model = createModel(classes.length);
      await trainModel(model, classes, {
        signal: this.#abort.signal,
        onProgress: (done) => (this.#progress.value = done),
        onEpoch: (result, epochs) => {
          last = result;
          this.#tellEpoch(result, epochs);
        },
      });
    } catch (error) {
      if (!this.#abort.signal.aborted) {
        this.#fail(error);
        last = undefined;
      }
    }
    const isStopped = this.#abort.signal.aborted;
    this.#abort = undefined;
    if (model && last) this.#taught.take(model, () => classes.map(({ name }) => name));
    else model?.dispose();
    this.#end(isStopped, last);
  }

  #begin(): void {
    this.#alert.hidden = true;
    this.#go.disabled = true;
    this.#stop.disabled = false;
    this.#stop.focus();
    this.#progress.value = 0;
    this.#accuracy.textContent = '–';
    this.#write('It learns.');
  }

  #tellEpoch({ epoch, validationAccuracy = 0 }: EpochResult, epochs: number): void {
    this.#accuracy.textContent = percent(validationAccuracy);
    // Not each one: they are read aloud.
    if (epoch % Math.ceil(epochs / 5) === 0) this.#write(`Pass ${epoch} of ${epochs}.`);
  }

  #fail(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#alert.textContent = `The network cannot be trained: ${why}`;
    this.#alert.hidden = false;
  }

  #end(isStopped: boolean, last: EpochResult | undefined): void {
    const passes = last === undefined ? 'the first pass' : `pass ${last.epoch}`;
    if (isStopped) this.#write(`Stopped ${last ? 'after' : 'in'} ${passes}.`);
    else if (last) this.#write('Done: show it something.');
    this.#go.textContent = 'Train again';
    this.update();
    if (document.activeElement === this.#stop) this.#go.focus();
    this.#stop.disabled = true;
    this.#changed();
  }
}
