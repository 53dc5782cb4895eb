// Writers of one checkpoint at the same time, in threads and processes, of which some are killed:
// whoever reads finds one that is whole.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { fileStore } from 'lamella';

const writer = join(import.meta.dirname, '../store-writer.mjs');

/** Throws unless a checkpoint is as its writer made it: its length, then one number many times. */
function checkWhole(bytes) {
  const { length } = bytes;
  const [wanted, first] = [new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), bytes[4]];
  if (wanted === length && bytes.subarray(4).every((each) => each === first)) return;
  throw new Error(`a checkpoint of ${length} bytes, of ${wanted}, is not whole`);
}

/** A writer that is left alone or killed; its errors. */
function start(folder, seed, random) {
  const parameters = [folder, String(seed), '12'];
  const killed = random.chance(0.4);
  const delay = random.integer(20, 400);
  if (random.chance(0.5)) {
    const worker = new Worker(writer, { argv: parameters, stderr: true });
    let failure;
    worker.on('error', (error) => (failure = error));
    if (killed) void setTimeout(delay).then(() => worker.terminate());
    return new Promise((resolve) => worker.on('exit', () => resolve(failure)));
  }
  const child = spawn(process.execPath, [writer, ...parameters], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (data) => (errors += data));
  if (killed) void setTimeout(delay).then(() => child.kill('SIGKILL'));
  return new Promise((resolve) => {
    child.on('close', (code) =>
      resolve(code === 0 || code === null ? undefined : new Error(errors)),
    );
  });
}

export function prepare() {
  return async (random, index) => {
    const folder = mkdtempSync(join(tmpdir(), 'lamella-torture-'));
    try {
      const store = fileStore(folder);
      const writers = Array.from({ length: random.integer(2, 4) }, (_, i) =>
        start(folder, 16 * index + i + 1, random),
      );
      let running = true;
      const all = Promise.all(writers).finally(() => (running = false));
      while (running) {
        const bytes = await store.load('one');
        if (bytes) checkWhole(bytes);
        await setTimeout(1);
      }
      for (const error of await all) if (error) throw error;
      // The next save works whatever the killed ones have left.
      await store.save('one', new Uint8Array([0, 0, 0, 5, 9]));
      checkWhole(await store.load('one'));
      const others = readdirSync(folder).filter(
        (name) => !/^one\.npz(\.[\w-]+\.part)?$/.test(name),
      );
      if (others.length > 0) throw new Error(`left behind: ${others.join(', ')}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}
