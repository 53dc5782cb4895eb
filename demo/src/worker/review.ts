import type { Mistake, Review } from '../protocol.js';
import { type Digits, pixels } from './data.js';

/** Most mistakes shown. */
const mostMistakes = 24;

/** Collects what a network makes of samples: which classes it confuses, where it errs most surely. */
export class Reviewer {
  readonly #digits: Digits;
  readonly #confusion = new Uint32Array(100);
  #mistakes: { row: number; guess: number; probability: number }[] = [];
  #right = 0;
  #count = 0;

  constructor(digits: Digits) {
    this.#digits = digits;
  }

  /** @param guess - Most probable class of the sample in that row. */
  add(row: number, guess: number, probability: number): void {
    const label = this.#digits.labels[row] ?? 0;
    const cell = label * 10 + guess;
    this.#confusion[cell] = (this.#confusion[cell] ?? 0) + 1;
    this.#count++;
    if (guess === label) this.#right++;
    else this.#mistakes.push({ row, guess, probability });
  }

  get review(): Review {
    this.#mistakes.sort((a, b) => b.probability - a.probability);
    const mistakes = this.#mistakes
      .slice(0, mostMistakes)
      .map(({ row, guess, probability }): Mistake => ({
        image: this.#digits.images.slice(row * pixels, (row + 1) * pixels),
        label: this.#digits.labels[row] ?? 0,
        guess,
        probability,
      }));
    return {
      samples: this.#count,
      accuracy: this.#right / this.#count,
      confusion: this.#confusion,
      mistakes,
    };
  }
}
