// The packed package in Node and under TypeScript, as a stranger meets it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { publint } from 'publint';
import { deadLinks, filesOf } from '../links.mjs';
import { install, root, run } from './stranger.mjs';

let stranger;

beforeAll(async () => {
  stranger = await install();
});

afterAll(() => stranger.remove());

function rejection(promise) {
  return promise.then(
    () => Promise.reject(new Error('it ended without an error')),
    (error) => error,
  );
}

function found(text) {
  const result = JSON.parse(text.trim().split('\n').at(-1));
  expect(result.prediction).toBeCloseTo(11, 3);
  return result;
}

describe('Node', () => {
  test.each(['esm.mjs', 'commonjs.cjs', 'external.mjs', 'besides.mjs', 'besides.cjs', 'graph.mjs'])(
    '%s',
    async (program) => {
      found(await run(join(stranger.folder, 'node'), process.execPath, program));
    },
  );

  // Either way alone: each would go unnoticed behind the other.
  test.each([
    ['the file beside the module', (name) => /\.bytes-\w+\.js$/.test(name)],
    ['the text, where a bundler has left the file behind', (name) => name.endsWith('.wasm')],
  ])('reads the engine from %s', async (_, isOther) => {
    const folder = await mkdtemp(join(tmpdir(), 'lamella-engine-'));
    await cp(stranger.folder, folder, { recursive: true });
    const dist = join(folder, 'node_modules/lamella/dist');
    const others = (await readdir(dist, { recursive: true })).filter((name) =>
      isOther(basename(name)),
    );
    expect(others).toHaveLength(8); // four variants each of lamella and lamella/graph
    for (const name of others) await rm(join(dist, name));
    found(await run(join(folder, 'node'), process.execPath, 'esm.mjs'));
    found(await run(join(folder, 'node'), process.execPath, 'graph.mjs'));
    found(await run(join(folder, 'node'), process.execPath, 'commonjs.cjs'));
    await rm(folder, { recursive: true });
  });

  // It has shown the whole file, which was one line.
  test.each(['before-init.mjs', 'engine.mjs', 'file.mjs', 'engine.cjs'])(
    'an uncaught error shows one short line of code: %s',
    async (program) => {
      const folder = join(stranger.folder, 'uncaught');
      const { message } = await rejection(run(folder, process.execPath, program));
      const [, place, line] = message.match(/\n(.*:\d+)\n(.*)\n *\^+\n\n/);
      expect(place).toContain('lamella/dist/');
      expect(line.length).toBeLessThanOrEqual(520);
      const flag = '--enable-source-maps';
      const mapped = await rejection(run(folder, process.execPath, flag, program));
      expect(mapped.message).toMatch(/\/web\/src\/[\w/-]+\.ts:\d+\n.*(throw|return) new \w+/);
    },
  );

  test('require works in a realm of its own, which has no import()', async () => {
    const folder = join(stranger.folder, 'node');
    found(await run(folder, process.execPath, 'realm.cjs'));
  });

  test('threads.mjs', async () => {
    const { threads } = found(
      await run(join(stranger.folder, 'node'), process.execPath, 'threads.mjs'),
    );
    expect(threads).toBe(2);
  });
});

describe('TypeScript, strict, library checked', () => {
  test.each([
    ['node16', 'main.js'],
    ['node16', 'commonjs.cjs'],
    ['bundler', 'main.js'],
  ])('moduleResolution %s: %s', async (resolution, program) => {
    const folder = join(stranger.folder, 'typescript');
    await run(folder, 'tsc', '-p', `tsconfig.${resolution}.json`);
    found(await run(folder, process.execPath, `${resolution}/${program}`));
  });
});

describe('the tarball', () => {
  test('pleases publint', async () => {
    const pkgDir = join(stranger.folder, 'node_modules/lamella');
    const { messages } = await publint({ pkgDir, strict: true });
    expect(messages).toEqual([]);
  });

  // attw ends with an error where it finds a problem. The worker and external entries are modules
  // only: `require` is for the main one and for data.
  test.each([
    ['the main entry', ['--entrypoints', '.', '--profile', 'strict']],
    ['data', ['--entrypoints', 'data', '--profile', 'node16']],
    ['the others', ['--exclude-entrypoints', '.', 'data', '--profile', 'esm-only']],
  ])('pleases attw: %s', async (_, options) => {
    await run(root, 'attw', stranger.tarball, '--no-color', ...options);
  });

  test('holds the package, and nothing of the repository', async () => {
    const listing = await run(stranger.folder, 'tar', '-tzf', stranger.tarball);
    const files = listing.trim().split('\n');
    const allowed =
      /^package\/(dist\/|docs\/|package\.json$|(README|CHANGELOG|CONTRIBUTING)\.md$|LICENSE$)/;
    expect(files.filter((file) => !allowed.test(file))).toEqual([]);
  });

  test('holds the guides, and no link of a page leads nowhere', () => {
    const folder = join(stranger.folder, 'node_modules/lamella');
    const pages = filesOf(folder, '.md');
    expect(pages).toEqual(
      expect.arrayContaining(['README.md', 'docs/guides/training.md', 'docs/cookbook/csv.md']),
    );
    expect(deadLinks(folder, pages)).toEqual([]);
  });

  test('holds the hashes of what pages load by address', async () => {
    const dist = join(stranger.folder, 'node_modules/lamella/dist');
    const hashes = JSON.parse(await readFile(join(dist, 'integrity.json'), 'utf8'));
    expect(Object.keys(hashes)).toEqual(
      expect.arrayContaining(['index.js', 'lamella.iife.js', 'lamella.simd.wasm', 'worker.js']),
    );
    for (const [name, hash] of Object.entries(hashes)) {
      const bytes = await readFile(join(dist, name));
      expect(hash).toBe(`sha384-${createHash('sha384').update(bytes).digest('base64')}`);
    }
  });

  test('runs no script on installation and depends on nothing', async () => {
    const text = await run(join(stranger.folder, 'node_modules/lamella'), 'cat', 'package.json');
    const { scripts, dependencies } = JSON.parse(text);
    expect(dependencies).toBeUndefined();
    const installing = ['preinstall', 'install', 'postinstall', 'prepare'];
    expect(Object.keys(scripts ?? {}).filter((name) => installing.includes(name))).toEqual([]);
  });
});
