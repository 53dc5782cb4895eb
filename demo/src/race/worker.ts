/** Runs in a worker of its own: measures how fast one library trains. */
import { raceBatches } from './samples.js';
import { loadDigits } from '../digits/data.js';
import type { Contender, OpenContender, RaceBatch } from './contender.js';
import type { ContenderName, RaceReply, RaceRequest, RaceResult } from './protocol.js';

/** The part of a worker's global scope used here, which TypeScript's DOM types do not know. */
interface WorkerScope {
  postMessage(reply: RaceReply): void;
  onmessage: ((event: MessageEvent<RaceRequest>) => void) | null;
}

const scope = self as unknown as WorkerScope;

/** Each is a chunk of its own, so that nobody downloads TensorFlow.js unasked. */
const contenders: Record<ContenderName, () => Promise<{ open: OpenContender }>> = {
  lamella: () => import('./lamella.js'),
  tensorflow: () => import('./tensorflow.js'),
};

/** Milliseconds of warm-up, in which engines compile and memory grows; at least one batch. */
const warmUp = 1000;
/** Milliseconds of measurement; at least three batches, of which the median is the speed. */
const measured = 4000;
const fewest = 3;
/** Enough for a steady median of a fast contender. */
const most = 400;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (low + high) / 2;
}

/** Trains until time or batches are over; returns the milliseconds of each batch. */
function train(
  { step }: Contender,
  batches: Iterator<RaceBatch, never>,
  end: { readonly milliseconds: number; readonly fewest: number; readonly most: number },
  onShare: (share: number) => void,
): number[] {
  const times: number[] = [];
  const start = performance.now();
  for (;;) {
    const batch = batches.next().value;
    const before = performance.now();
    const loss = step(batch);
    const now = performance.now();
    if (!Number.isFinite(loss)) throw new Error(`its loss became ${String(loss)}`);
    times.push(now - before);
    const spent = (now - start) / end.milliseconds;
    onShare(
      Math.min(1, Math.max(times.length / end.most, Math.min(spent, times.length / end.fewest))),
    );
    if (times.length >= end.most || (spent >= 1 && times.length >= end.fewest)) return times;
  }
}

async function race({ contender, config, train: files }: RaceRequest): Promise<RaceResult> {
  const tell = (share: number, what: string): void => {
    scope.postMessage({ type: 'progress', share, what });
  };
  tell(0, 'loading');
  const digits = await loadDigits(files);
  const batches = raceBatches(digits, config.batchSize);
  const { open } = await contenders[contender]();
  tell(0.1, 'warming up');
  const opened = await open(config, batches.next().value);
  train(opened, batches, { milliseconds: warmUp, fewest: 1, most }, () => undefined);
  tell(0.3, 'training');
  const times = train(opened, batches, { milliseconds: measured, fewest, most }, (share) => {
    tell(0.3 + 0.7 * share, 'training');
  });
  const { version, backend, reason } = opened;
  return {
    samplesPerSecond: (1000 * config.batchSize) / median(times),
    batches: times.length,
    version,
    backend,
    ...(reason !== undefined && { reason }),
  };
}

scope.onmessage = ({ data }) => {
  race(data).then(
    (result) => scope.postMessage({ type: 'result', ...result }),
    (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      scope.postMessage({ type: 'error', message });
    },
  );
};
