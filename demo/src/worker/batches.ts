import { type Tensor, zeros } from 'lamella';
import { type Digits, pixels } from './data.js';

/** Numbers from 0 to 2^32 - 1 that follow from a seed (a 32-bit mix of a counter). */
function randomNumbers(seed: number): () => number {
  let counter = seed >>> 0;
  return () => {
    counter = (counter + 0x9e3779b9) >>> 0;
    let x = counter;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return (x ^ (x >>> 16)) >>> 0;
  };
}

/** The row numbers 0 … count - 1 in an order that follows from the seed. */
export function shuffledRows(count: number, seed: number): Uint32Array {
  const random = randomNumbers(seed);
  const rows = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random() % (i + 1);
    const row = rows[i] ?? 0;
    rows[i] = rows[j] ?? 0;
    rows[j] = row;
  }
  return rows;
}

export interface Batch {
  /** [rows, 1, 28, 28], values from 0 to 1. */
  readonly x: Tensor;
  /** [rows, 10], one-hot. */
  readonly y: Tensor;
}

/** Makes batches of samples in tensors that are used again for every batch of that size. */
export class Batches {
  readonly #digits: Digits;
  readonly #bySize = new Map<number, Batch>();

  constructor(digits: Digits) {
    this.#digits = digits;
  }

  /** The samples of some rows; valid until the next call. */
  gather(rows: ArrayLike<number>): Batch {
    const batch = this.#ofSize(rows.length);
    const { images, labels } = this.#digits;
    const x = batch.x.view();
    const y = batch.y.view().fill(0);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] ?? 0;
      const from = row * pixels;
      const to = i * pixels;
      for (let p = 0; p < pixels; p++) x[to + p] = (images[from + p] ?? 0) / 255;
      y[i * 10 + (labels[row] ?? 0)] = 1;
    }
    return batch;
  }

  dispose(): void {
    for (const { x, y } of this.#bySize.values()) {
      x.dispose();
      y.dispose();
    }
    this.#bySize.clear();
  }

  #ofSize(rows: number): Batch {
    let batch = this.#bySize.get(rows);
    if (batch === undefined) {
      batch = { x: zeros([rows, 1, 28, 28]), y: zeros([rows, 10]) };
      this.#bySize.set(rows, batch);
    }
    return batch;
  }
}
