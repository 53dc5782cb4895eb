// Every program of examples/ runs as its first lines say, and achieves what it promises.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const examples = join(import.meta.dirname, '../../examples');

let folder;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lamella-'));
});
afterAll(() => rm(folder, { recursive: true }));

const env = { ...process.env, NODE_OPTIONS: '' };

/** The output of an example. */
async function run(name, ...parameters) {
  const file = join(examples, `${name}.mjs`);
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...parameters], { env });
  return stdout;
}

/** The last number after a text, which must be there. */
function numberAfter(text, output) {
  const at = output.lastIndexOf(text);
  expect(at).toBeGreaterThanOrEqual(0);
  return parseFloat(output.slice(at + text.length));
}

test('every example is run here', async () => {
  const programs = (await readdir(examples)).filter((file) => file.endsWith('.mjs')).sort();
  expect(programs).toEqual(
    ['custom-layer', 'mnist', 'onnx', 'regression', 'resume'].map((name) => `${name}.mjs`),
  );
});

test('regression', async () => {
  const output = await run('regression');
  expect(numberAfter('MAE: ', output)).toBeLessThan(3);
  expect(numberAfter('R2Score: ', output)).toBeGreaterThan(0.7);
});

test('mnist', async () => {
  const output = await run('mnist');
  expect(numberAfter('test accuracy ', output)).toBeGreaterThan(0.95);
  expect(output.match(/^\d:( +\d+){10}$/gm)).toHaveLength(10);
});

test('custom-layer', async () => {
  const output = await run('custom-layer');
  const loss = numberAfter('test loss ', output);
  expect(loss).toBeLessThan(0.2);
  expect(numberAfter('loaded from a file ', output)).toBe(loss);
});

test('resume: killed twice, it ends with the weights of a run that was not', async () => {
  const whole = await run('resume', join(folder, 'whole'));
  const killed = join(folder, 'killed');
  for (const epoch of [1, 3]) {
    const child = spawn(process.execPath, [join(examples, 'resume.mjs'), killed], { env });
    for await (const line of createInterface(child.stdout)) {
      if (line.startsWith(`epoch ${epoch}:`)) child.kill('SIGKILL');
    }
    if (child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
  }
  const rest = await run('resume', killed);
  expect(rest).toMatch(/^going on from the checkpoint\n/);
  expect(rest).not.toContain('epoch 3:');
  const weights = (output) => /^weights ([0-9a-f]{64})$/m.exec(output)?.[1];
  expect(weights(whole)).toBeDefined();
  expect(weights(rest)).toBe(weights(whole));
});

test('onnx', async () => {
  const output = await run('onnx', join(folder, 'digits.onnx'));
  expect(output).toContain('[ 500, 10 ]');
  const difference = numberAfter('differ by at most ', output);
  expect(difference).toBeGreaterThan(0);
  expect(difference).toBeLessThan(1e-4);
});
