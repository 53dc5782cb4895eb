import { create } from '../shared/dom.js';
import { count } from '../shared/format.js';
import type { Camera } from './camera.js';
import { type ExampleClass, maxExamples } from './examples.js';
import { onHold } from './hold.js';
import { paintPicture, takePicture } from './picture.js';
import { wait } from './wait.js';

/** Milliseconds between two pictures while the button is held. */
const interval = 100;
/** Pictures shown, the last ones. */
const shownCount = 6;

function createNameField(example: ExampleClass): HTMLLabelElement {
  const input = create('input', '');
  const given = example.name;
  input.value = given;
  input.maxLength = 30;
  input.autocomplete = 'off';
  input.addEventListener('input', () => (example.name = input.value.trim() || given));
  return create('label', 'field', `Name of class ${given.replace(/\D/g, '')}`, input);
}

function createButton(text: string): HTMLButtonElement {
  const button = create('button', '', text);
  button.type = 'button';
  return button;
}

function createFileInput(): HTMLInputElement {
  const input = create('input', '');
  input.type = 'file';
  input.accept = 'image/*';
  input.multiple = true;
  input.hidden = true;
  return input;
}

/** A class on the page: its name, its last pictures, and the buttons that add some. */
export class ClassCard {
  readonly #example: ExampleClass;
  readonly #camera: Camera;
  readonly #count = create('p', 'note');
  readonly #strip = create('div', 'strip');
  readonly #record = createButton('Hold to record');
  readonly #pictures = createButton('Add pictures');
  readonly #empty = createButton('Empty');
  readonly #file = createFileInput();
  readonly #message = create('p', 'status');
  readonly item: HTMLLIElement;
  #isHeld = false;
  #isRecording = false;
  #shown = -1;

  constructor(example: ExampleClass, camera: Camera) {
    this.#example = example;
    this.#camera = camera;
    this.#message.setAttribute('role', 'status');
    this.#strip.setAttribute('role', 'img');
    this.#record.classList.add('hold');
    const head = create('div', 'class-head', createNameField(example), this.#count);
    const buttons = create('div', 'class-buttons', this.#record, this.#pictures, this.#empty);
    this.item = create('li', '', head, this.#strip, buttons, this.#file, this.#message);
    onHold(
      this.#record,
      () => {
        this.#isHeld = true;
        void this.#recordWhileHeld();
      },
      () => (this.#isHeld = false),
    );
    this.#pictures.addEventListener('click', () => this.#file.click());
    this.#file.addEventListener('change', () => void this.#addFiles());
    this.#empty.addEventListener('click', () => {
      example.empty();
      this.#message.textContent = `${example.name} is empty.`;
      this.#pictures.focus();
    });
    this.update();
  }

  /** Shows the class as it is now. */
  update(): void {
    const { name, examples, isFull } = this.#example;
    this.#record.setAttribute('aria-label', `Hold to record ${name}`);
    this.#pictures.setAttribute('aria-label', `Add pictures to ${name}`);
    this.#empty.setAttribute('aria-label', `Empty ${name}`);
    this.#strip.setAttribute('aria-label', `The last pictures of ${name}`);
    this.#record.disabled = !this.#camera.isOn || isFull;
    this.#pictures.disabled = isFull;
    this.#empty.disabled = examples.length === 0;
    if (this.#shown === examples.length) return;
    this.#shown = examples.length;
    this.#count.textContent = `${count(examples.length)} example${examples.length === 1 ? '' : 's'}`;
    this.#paint();
  }

  #paint(): void {
    const shown = this.#example.examples.slice(-shownCount);
    while (this.#strip.childElementCount > shown.length) this.#strip.lastElementChild?.remove();
    while (this.#strip.childElementCount < shown.length) this.#strip.append(create('canvas', ''));
    this.#strip.querySelectorAll('canvas').forEach((canvas, i) => {
      const picture = shown[i];
      if (picture) paintPicture(canvas, picture);
    });
  }

  /** Says how many were added, and what went wrong. */
  #report(before: number, problems: readonly string[] = []): void {
    const { name, examples, isFull } = this.#example;
    const full = isFull ? [`${name} is full: ${maxExamples} examples are enough.`] : [];
    const added = `${count(examples.length - before)} added.`;
    this.#message.textContent = [added, ...problems, ...full].join(' ');
  }

  /** One picture at least, also when the button is let go at once. */
  async #recordWhileHeld(): Promise<void> {
    if (this.#isRecording) return;
    this.#isRecording = true;
    const before = this.#example.examples.length;
    const problems: string[] = [];
    do {
      const next = wait(interval);
      try {
        this.#example.add(await takePicture(this.#camera.video));
      } catch (error) {
        problems.push(error instanceof Error ? error.message : String(error));
        break;
      }
      await next;
    } while (this.#isHeld && this.#camera.isOn && !this.#example.isFull);
    this.#isRecording = false;
    this.#report(before, problems);
  }

  async #addFiles(): Promise<void> {
    const files = [...(this.#file.files ?? [])];
    // The same files can be chosen again.
    this.#file.value = '';
    const before = this.#example.examples.length;
    const refused: string[] = [];
    for (const file of files) {
      if (this.#example.isFull) break;
      try {
        this.#example.add(await takePicture(file));
      } catch {
        refused.push(file.name);
      }
    }
    const names = refused.slice(0, 3).join(', ') + (refused.length > 3 ? ', …' : '');
    this.#report(
      before,
      refused.length > 0 ? [`No picture that this browser shows: ${names}.`] : [],
    );
  }
}
