/** The training run that survives a reload: one, in the browser's IndexedDB. */
import { indexedDbStore } from 'lamella';
import type { BatchPoint, RunConfig, Validation } from '../protocol.js';

/** Everything that a run goes on from. */
export interface KeptRun {
  readonly config: RunConfig;
  /** Of every batch so far. */
  readonly points: readonly BatchPoint[];
  readonly validations: readonly Validation[];
  /** Seconds of training. */
  readonly elapsed: number;
  /** As lamella's saveCheckpoint makes it. */
  readonly checkpoint: Uint8Array;
}

/** The JSON in front of the numbers. */
interface Header {
  readonly version: 1;
  readonly config: RunConfig;
  readonly validations: readonly Validation[];
  readonly elapsed: number;
  readonly steps: number;
}

const store = indexedDbStore('lamella-demo');
const name = 'run';

// The layout: length of the header in 4 bytes, header in JSON, loss and accuracy of each batch as
// float32, the checkpoint. One piece, so that curves and weights are always of the same batch.
function pack({ config, points, validations, elapsed, checkpoint }: KeptRun): Uint8Array {
  const header: Header = { version: 1, config, validations, elapsed, steps: points.length };
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
  const { version, steps, ...header } = JSON.parse(text) as Header;
  // The type is a promise that the stored bytes need not hold.
  if ((version as number) !== 1) throw new Error('it is of another version of this page');
  const curveEnd = textEnd + 8 * steps;
  const curve = new Float32Array(bytes.slice(textEnd, curveEnd).buffer);
  const points = Array.from({ length: steps }, (_, i) => ({
    step: i + 1,
    loss: curve[2 * i] ?? 0,
    accuracy: curve[2 * i + 1] ?? 0,
  }));
  return { ...header, points, checkpoint: bytes.subarray(curveEnd) };
}

/**
 * Keeps a run as it is now in the place of the one before.
 * @param checkpoint - Of this moment.
 * @param after - What to wait for before it is written: two saves must not overtake each other.
 */
export async function keep(
  run: Omit<KeptRun, 'checkpoint'>,
  checkpoint: Promise<Uint8Array>,
  after: Promise<void>,
): Promise<void> {
  const bytes = pack({ ...run, checkpoint: await checkpoint });
  await after;
  await store.save(name, bytes);
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
