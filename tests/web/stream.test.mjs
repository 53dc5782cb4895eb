// Data larger than the memory that its training takes, by scripts/stream.mjs; `npm run stream` takes 4 GB.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const script = join(import.meta.dirname, '../../scripts/stream.mjs');

// 90 to 160 MB were seen, of which Node and the engine take 60.
test.each(['batches', 'dataset', 'csv'])('300 MB as %s train in less than 220', async (form) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [script, '--gigabytes', '0.3', '--as', form],
    { env: { ...process.env, NODE_OPTIONS: '' } },
  );
  const { steps, accuracy, megabytes } = JSON.parse(stdout);
  expect(steps).toBeGreaterThan(200);
  expect(accuracy).toBeGreaterThan(0.9);
  expect(megabytes).toBeLessThan(220);
});
