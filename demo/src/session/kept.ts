/** The training run that survives a reload: one, in the browser's IndexedDB. */
import { indexedDbStore } from 'lamella';
import type { BatchPoint, RunConfig, Validation } from '../types.js';

/** Everything that a run goes on from. */
export interface KeptRun {
  readonly config: RunConfig;
  /** Of every batch so far. */
  readonly points: readonly BatchPoint[];
  readonly validations: readonly Validation[];
  /** Batches of the whole run. */
  readonly steps: number;
  /** Seconds of training. */
  readonly elapsed: number;
  /** As lamella's saveCheckpoint makes it. */
  readonly checkpoint: Uint8Array;
}

/** The JSON in front of the numbers. */
interface Header extends Omit<KeptRun, 'points' | 'checkpoint'> {
  readonly version: 2;
  /** Batches so far. */
  readonly step: number;
}

const store = indexedDbStore('lamella-demo');
const name = 'run';

// The layout: length of the header in 4 bytes, header in JSON, loss and accuracy of each batch as
// float32, the checkpoint. One piece, so that curves and weights are always of the same batch.
function pack({ points, checkpoint, ...run }: KeptRun): Uint8Array {
  const header: Header = { version: 2, ...run, step: points.length };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const curve = Float32Array.from(points.flatMap(({ loss, accuracy }) => [loss, accuracy]));
  const bytes = new Uint8Array(4 + text.length + curve.byteLength + checkpoint.length);
  new DataView(bytes.buffer).setUint32(0, text.length);
  bytes.set(text, 4);
  bytes.set(new Uint8Array(curve.buffer), 4 + text.length);
  bytes.set(checkpoint, 4 + text.length + curve.byteLength);
  return bytes;
}

function unpack(bytes: Uint8Array): KeptRun {
  const textEnd = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const text = new TextDecoder().decode(bytes.subarray(4, textEnd));
  const { version, step, ...header } = JSON.parse(text) as Header;
  // The type is a promise that the stored bytes need not hold.
  if ((version as number) !== 2) throw new Error('it is of another version of this page');
  const curveEnd = textEnd + 8 * step;
  const curve = new Float32Array(bytes.slice(textEnd, curveEnd).buffer);
  const points = Array.from({ length: step }, (_, i) => ({
    step: i + 1,
    loss: curve[2 * i] ?? 0,
    accuracy: curve[2 * i + 1] ?? 0,
  }));
  return { ...header, points, checkpoint: bytes.subarray(curveEnd) };
}

/** Keeps a run in the place of the one before. */
export function keep(run: KeptRun): Promise<void> {
  return store.save(name, pack(run));
}

/**
 * The run that was kept; undefined without one.
 * @throws Error, in words, when it cannot be read; it is forgotten then.
 */
export async function kept(): Promise<KeptRun | undefined> {
  const bytes = await store.load(name);
  if (bytes === undefined) return undefined;
  try {
    return unpack(bytes);
  } catch (error) {
    await store.remove(name);
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The kept training run cannot be read: ${why}.`, { cause: error });
  }
}

export function forget(): Promise<void> {
  return store.remove(name);
}
