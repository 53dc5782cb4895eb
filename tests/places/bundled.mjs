// The page of page/, as a bundler has built it or serves it.
import { strict as assert } from 'node:assert';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assertFound } from './tools.mjs';

/** Runs what the page does, on the main thread and in a worker. */
export async function browsePage({ browse }, url) {
  assert.equal(assertFound(await browse(url)).variant, 'relaxed');
  assertFound(await browse(url, { call: 'inClient' }));
}

/** The same with the files that a bundler has written to dist/. */
export async function browseDist(tools) {
  const { url, requests } = await tools.host('dist');
  await browsePage(tools, `${url}/index.html`);
  // One visitor, one engine; and none in a file that nobody asks for.
  assert.deepEqual(
    requests.filter((path) => /(simd|threads)\.bytes/.test(path)),
    [],
  );
  const files = await readdir(join(tools.folder, 'dist'), { recursive: true });
  assert.deepEqual(
    files.filter((name) => name.endsWith('.wasm')),
    [],
  );
}
