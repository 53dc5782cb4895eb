import { shuffledRows } from '../worker/rows.js';
import { type Digits, pixels } from '../worker/data.js';
import type { RaceBatch } from './contender.js';

/** The batches of a shuffled data set, over and over: the same for every contender. */
export class RaceBatches {
  readonly #digits: Digits;
  readonly #rows: Uint32Array;
  readonly #size: number;
  #next = 0;

  constructor(digits: Digits, size: number, seed: number) {
    this.#digits = digits;
    this.#size = size;
    this.#rows = shuffledRows(digits.labels.length, seed);
  }

  next(): RaceBatch {
    const [size, { images, labels }] = [this.#size, this.#digits];
    const batch = {
      size,
      images: new Float32Array(size * pixels),
      labels: new Float32Array(size * 10),
    };
    for (let i = 0; i < size; i++) {
      const row = this.#rows[this.#next++ % this.#rows.length] ?? 0;
      for (let p = 0; p < pixels; p++) {
        batch.images[i * pixels + p] = (images[row * pixels + p] ?? 0) / 255;
      }
      batch.labels[i * 10 + (labels[row] ?? 0)] = 1;
    }
    return batch;
  }
}
