import { type Tensor, zeros } from 'lamella';
import { type Digits, pixels } from './data.js';

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
