import type { RunConfig } from '../types.js';

/** Samples of one batch: images [batch, 28, 28], values from 0 to 1, labels one-hot [batch, 10]. */
export interface RaceBatch {
  readonly size: number;
  readonly images: Float32Array;
  readonly labels: Float32Array;
}

/** One library with the network in it. */
export interface Contender {
  readonly version: string;
  readonly backend: string;
  readonly reason?: string;
  /**
   * Trains on one batch, from samples in JavaScript's memory to the loss in JavaScript's hands.
   * @returns The loss.
   */
  readonly step: (batch: RaceBatch) => number;
}

/**
 * Loads the library and builds the network.
 * @param batch - To try the first step on.
 * @throws Error, in words, when the library cannot train it.
 */
export type OpenContender = (config: RunConfig, batch: RaceBatch) => Promise<Contender>;
