// One process of the long run: the cases `first`, `first + step`, … below `end` of a kind in JavaScript.
// node worker.mjs KIND SEED FIRST STEP END POSITION-FILE
import { openSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Random } from './random.mjs';

const [kind, ...rest] = process.argv.slice(2);
const positionFile = openSync(rest.pop(), 'w');
const [seed, first, step, end] = rest.map(Number);

/** Tells where the process is, also after it was killed. */
function tellPosition(index) {
  writeSync(positionFile, String(index).padStart(16), 0);
}

const report = (index, text) =>
  new Promise((resolve) => process.send({ index, text }, () => resolve()));

// An error that no case waits for belongs to the case that runs.
let current = first;
process.on('unhandledRejection', (error) => {
  void report(current, `unhandled rejection: ${error?.stack ?? String(error)}`);
});

const { prepare } = await import(`./kinds/${kind}.mjs`);
const run = await prepare(seed);
for (let index = first; index < end; index += step) {
  current = index;
  tellPosition(index);
  try {
    await run(new Random(seed, index), index);
  } catch (error) {
    await report(index, String(error?.stack ?? error));
    // Nothing in the engine can be trusted after a trap.
    if (error instanceof WebAssembly.RuntimeError || error?.fatal) process.exit(3);
  }
  // Finalizers and rejections get their turn.
  if ((index - first) % (16 * step) === 0) await setImmediate();
}
await setImmediate();
tellPosition(end);
process.exit(0);
