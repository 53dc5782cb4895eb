import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fileStore, indexedDbStore, opfsStore, StateError, ValueError } from 'lamella';
import { rejection } from '../support.js';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'lamella-'))));
afterEach(() => rm(folder, { recursive: true }));

test('keeps, replaces and forgets', async () => {
  const store = fileStore(join(folder, 'new'));
  expect(await store.load('a')).toBeUndefined();
  await store.save('a', Uint8Array.of(1, 2));
  await store.save('b', Uint8Array.of(3));
  await store.save('a', Uint8Array.of(4, 5, 6));
  expect(Array.from((await store.load('a')) ?? [])).toEqual([4, 5, 6]);
  expect((await readdir(join(folder, 'new'))).sort()).toEqual(['a.npz', 'b.npz']);
  await store.remove('a');
  await store.remove('a');
  expect(await store.load('a')).toBeUndefined();
});

test.each(['../a', 'a/b', '', '.a', 'a\0b', '..'])('refuses the name %j', async (name) => {
  expect(await rejection(() => fileStore(folder).save(name, Uint8Array.of(1)))).toBeInstanceOf(
    ValueError,
  );
});

test('a write that fails leaves nothing behind', async () => {
  await mkdir(join(folder, 'a.npz')); // a file cannot take the place of a folder
  const error = await rejection(() => fileStore(folder).save('a', Uint8Array.of(1)));
  expect((error as { code: string }).code).toBe('EISDIR');
  expect(await readdir(folder)).toEqual(['a.npz']);
});

test('a process killed while it writes leaves a whole checkpoint', async () => {
  const size = 4_000_000;
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { fileStore } from './dist/index.js';
       const store = fileStore(process.argv[1]);
       for (let i = 0; ; i = (i + 1) % 256) {
         await store.save('a', new Uint8Array(${size}).fill(i));
         console.log(i);
       }`,
      folder,
    ],
    { cwd: join(import.meta.dirname, '../../..'), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 7));
    const read = (await fileStore(folder).load('a')) ?? new Uint8Array();
    expect([read.length, new Set(read).size]).toEqual([size, 1]);
  }
  child.kill('SIGKILL');
  await once(child, 'exit');
  const read = (await fileStore(folder).load('a')) ?? new Uint8Array();
  expect([read.length, new Set(read).size]).toEqual([size, 1]);
});

test('threads of one process may save one name at a time', async () => {
  const saves = 100;
  const script = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData.entry).then(async ({ fileStore }) => {
      const store = fileStore(workerData.folder);
      const bytes = new Uint8Array(20_000).fill(workerData.number);
      const errors = [];
      for (let i = 0; i < ${saves}; i++) {
        await store.save('a', bytes).catch((error) => errors.push(String(error)));
      }
      parentPort.postMessage(errors);
    });`;
  const entry = join(import.meta.dirname, '../../../dist/index.js');
  const results = await Promise.all(
    [1, 2, 3].map(async (number) => {
      const workerData = { entry, folder, number };
      const worker = new Worker(script, { eval: true, execArgv: [], workerData });
      const [errors] = (await once(worker, 'message')) as [string[]];
      await worker.terminate();
      return errors;
    }),
  );
  expect(results).toEqual([[], [], []]);
  const read = (await fileStore(folder).load('a')) ?? new Uint8Array();
  expect([read.length, new Set(read).size]).toEqual([20_000, 1]);
  expect(await readdir(folder)).toEqual(['a.npz']);
}, 120_000);

test('a save removes what a crash has left a day ago, and nothing else', async () => {
  const names = ['a.npz.1700000000-1.part', 'b.npz.0000-aa.part', 'mine.part', 'c.npz.part.txt'];
  const old = new Date(Date.now() - 25 * 60 * 60 * 1000);
  for (const name of [...names, 'd.npz.fresh.part']) {
    await writeFile(join(folder, name), 'x');
    if (names.includes(name)) await utimes(join(folder, name), old, old);
  }
  await fileStore(folder).save('e', Uint8Array.of(1));
  expect((await readdir(folder)).sort()).toEqual([
    'c.npz.part.txt',
    'd.npz.fresh.part',
    'e.npz',
    'mine.part',
  ]);
});

test('IndexedDB is for browsers', async () => {
  expect(await rejection(() => indexedDbStore().load('a'))).toBeInstanceOf(StateError);
  expect(await rejection(() => opfsStore().load('a'))).toBeInstanceOf(StateError);
});
