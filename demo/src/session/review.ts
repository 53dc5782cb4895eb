import type { RemoteModel } from 'lamella/worker';
import { imageOf, toInputs } from '../digits/data.js';
import type { Digits, Review } from '../types.js';

/** Most mistakes shown. */
const mostMistakes = 24;
/** Rows that are predicted at once: few enough that the page and its questions do not wait for long. */
const rowsAtOnce = 250;

/** Index of the largest of `count` values from `first` on. */
export function argmax(values: Float32Array, first: number, count: number): number {
  let best = first;
  for (let i = first + 1; i < first + count; i++) {
    if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  }
  return best - first;
}

/**
 * A network's predictions for all samples held back: which classes it confuses, where it errs most
 * surely.
 */
export async function reviewAll(model: RemoteModel, test: Digits): Promise<Review> {
  const samples = test.labels.length;
  const confusion = new Uint32Array(100);
  const wrong: { row: number; label: number; guess: number; probability: number }[] = [];
  for (let first = 0; first < samples; first += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, samples - first);
    const { data } = await model.predict(toInputs(test, first, count));
    test.labels.subarray(first, first + count).forEach((label, i) => {
      const guess = argmax(data, i * 10, 10);
      const cell = label * 10 + guess;
      confusion[cell] = (confusion[cell] ?? 0) + 1;
      if (guess === label) return;
      wrong.push({ row: first + i, label, guess, probability: data[i * 10 + guess] ?? 0 });
    });
  }
  const surest = wrong.sort((a, b) => b.probability - a.probability).slice(0, mostMistakes);
  const mistakes = surest.map(({ row, ...mistake }) => ({ ...mistake, image: imageOf(test, row) }));
  return { samples, accuracy: (samples - wrong.length) / samples, confusion, mistakes };
}
