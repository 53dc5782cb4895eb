// Set-up takes nothing that it has not checked.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

test('data with a flipped bit is replaced', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-'));
  try {
    mkdirSync(join(folder, 'scripts'));
    mkdirSync(join(folder, 'data/mnist'), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    cpSync(join(root, 'scripts/data.mjs'), join(folder, 'scripts/data.mjs'));
    const [damaged = '', ...others] = readdirSync(join(root, 'data/mnist'))
      .filter((name) => name.endsWith('-ubyte'))
      .sort((a, b) => Number(b.includes('t10k-labels')) - Number(a.includes('t10k-labels')));
    for (const name of others) {
      symlinkSync(join(root, 'data/mnist', name), join(folder, 'data/mnist', name));
    }
    const whole = readFileSync(join(root, 'data/mnist', damaged));
    const flipped = Buffer.from(whole);
    flipped[5000] = 255 - (flipped[5000] as number);
    writeFileSync(join(folder, 'data/mnist', damaged), flipped);
    const said = execFileSync(process.execPath, [join(folder, 'scripts/data.mjs')], {
      encoding: 'utf8',
    });
    expect(said).toBe(`setup: data/mnist/${damaged}\n`);
    expect(readFileSync(join(folder, 'data/mnist', damaged)).equals(whole)).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the binary of Node has a hash that npm checks', () => {
  const { packages } = JSON.parse(
    readFileSync(join(root, 'scripts/node/package-lock.json'), 'utf8'),
  ) as { packages: Record<string, { integrity?: string; version?: string }> };
  const binaries = Object.entries(packages).filter(([name]) => name !== '');
  expect(binaries.length).toBeGreaterThan(0);
  for (const [name, { integrity }] of binaries) {
    expect([name, integrity]).toEqual([name, expect.stringMatching(/^sha512-[\w+/]{86}==$/)]);
  }
  expect(readFileSync(join(root, 'scripts/setup.sh'), 'utf8')).not.toMatch(/npm install/);
});
