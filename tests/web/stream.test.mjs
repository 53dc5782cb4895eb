// Data larger than the memory that its training takes, by scripts/stream.mjs; `npm run stream` takes 4 GB.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const script = join(import.meta.dirname, '../../scripts/stream.mjs');

// 90 to 180 MB were seen, of which Node and the engine take 60. V8 lets short-lived objects, such as a table's texts,
// take some hundred MB before it looks at them, unless it is told otherwise.
test.each(['batches', 'dataset', 'csv'])('300 MB as %s train in less than 240', async (form) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--max-semi-space-size=16', script, '--gigabytes', '0.3', '--as', form],
    { env: { ...process.env, NODE_OPTIONS: '' } },
  );
  const { steps, accuracy, megabytes } = JSON.parse(stdout);
  expect(steps).toBeGreaterThan(200);
  expect(accuracy).toBeGreaterThan(0.9);
  expect(megabytes).toBeLessThan(240);
});
