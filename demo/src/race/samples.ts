import { pixels, toInputs } from '../digits/data.js';
import type { Digits } from '../types.js';
import type { RaceBatch } from './contender.js';

/** The batches of a data set, over and over: the same for every contender. */
export function* raceBatches(digits: Digits, size: number): Generator<RaceBatch, never> {
  for (let row = 0; ;) {
    const images = new Float32Array(size * pixels);
    const labels = new Float32Array(size * 10);
    for (let i = 0; i < size; i++, row = (row + 1) % digits.labels.length) {
      images.set(toInputs(digits, row, 1), i * pixels);
      labels[i * 10 + (digits.labels[row] ?? 0)] = 1;
    }
    yield { size, images, labels };
  }
}
