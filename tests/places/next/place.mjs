import { strict as assert } from 'node:assert';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assertFound } from '../tools.mjs';

const fetched = async (url) => {
  const response = await fetch(url);
  const text = await response.text();
  assert.equal(response.status, 200, `${url}: ${response.status} ${text.slice(0, 500)}`);
  return text;
};

/** Every part of the site, built or developed with a bundler. */
async function checkSite(tools, url) {
  assertFound(await tools.browse(`${url}/`));
  assertFound(await tools.browse(`${url}/`, { call: 'inClient' }));
  assertFound(await tools.browse(`${url}/old`));
  assertFound(JSON.parse(await fetched(`${url}/api/learn`)));
  assertFound(JSON.parse(await fetched(`${url}/api/old`)));
  assert.match(await fetched(`${url}/server`), /prediction&quot;:1[01]/);
  const edge = JSON.parse(await fetched(`${url}/api/edge`));
  assert.equal(edge.error, undefined);
  assertFound(edge);
}

const write = [
  "`import … from 'lamella'`, `'lamella/worker'` in pages, route handlers and server components",
  "edge runtime: `import module from '…/lamella.simd.wasm?module'`, `init({ module })` of `lamella/module`",
].join('; ');

export const rows = ['turbopack', 'webpack'].flatMap((bundler, i) => [
  {
    where: `Next.js, build (${bundler})`,
    package: 'next',
    write,
    check: async (tools) => {
      // The server of the row before may still be writing there.
      const built = join(tools.folder, '.next');
      await rm(built, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
      await tools.run('next', 'build', `--${bundler}`);
      const files = await readdir(join(tools.folder, '.next/static'), { recursive: true });
      assert.deepEqual(
        files.filter((name) => name.endsWith('.wasm')),
        [],
      );
      await checkSite(tools, await tools.start('next', 'start', '-p', String(21_300 + i)));
    },
  },
  {
    where: `Next.js, dev server (${bundler})`,
    package: 'next',
    write: 'the same',
    check: async (tools) =>
      checkSite(tools, await tools.start('next', 'dev', `--${bundler}`, '-p', String(21_310 + i))),
  },
]);
