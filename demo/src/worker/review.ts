import type { Mistake, Review } from '../protocol.js';
import { type Digits, pixels } from './data.js';
import { nextTask } from './tasks.js';

/** Most mistakes shown. */
const mostMistakes = 24;
/** Rows that are predicted at once: few enough that messages do not wait for long. */
export const evaluationBatch = 100;

/** Index of the largest of `count` values from `first` on. */
export function argmax(values: Float32Array, first: number, count: number): number {
  let best = first;
  for (let i = first + 1; i < first + count; i++) {
    if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  }
  return best - first;
}

/** Collects what a network makes of samples: which classes it confuses, where it errs most surely. */
class Reviewer {
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

/**
 * A network's predictions for all samples held back.
 * @param predict - Probabilities of the classes for some rows, ten each.
 */
export async function reviewAll(
  test: Digits,
  predict: (rows: Uint32Array) => Float32Array,
): Promise<Review> {
  const reviewer = new Reviewer(test);
  const count = test.labels.length;
  for (let first = 0; first < count; first += evaluationBatch) {
    const length = Math.min(evaluationBatch, count - first);
    const rows = Uint32Array.from({ length }, (_, i) => first + i);
    const probabilities = predict(rows);
    rows.forEach((row, i) => {
      const guess = argmax(probabilities, i * 10, 10);
      reviewer.add(row, guess, probabilities[i * 10 + guess] ?? 0);
    });
    await nextTask();
  }
  return reviewer.review;
}
