/** The messages between the page and the workers of the race. */
import type { Download, RunConfig } from '../types.js';

export type ContenderName = 'lamella' | 'tensorflow';

export interface RaceRequest {
  readonly contender: ContenderName;
  readonly config: RunConfig;
  readonly train: readonly Download[];
}

export interface RaceResult {
  readonly samplesPerSecond: number;
  /** Of the measurement, warm-up left out. */
  readonly batches: number;
  readonly version: string;
  readonly backend: string;
  /** Why not a faster backend, where there is one. */
  readonly reason?: string;
}

export type RaceReply =
  /** Shares from 0 to 1 of what this contender has to do. */
  | { readonly type: 'progress'; readonly share: number; readonly what: string }
  | ({ readonly type: 'result' } & RaceResult)
  | { readonly type: 'error'; readonly message: string };
