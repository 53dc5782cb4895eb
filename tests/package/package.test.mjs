// The package as strangers use it: every project trains a tiny network and checks its predictions.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { launchBrowser, servePage, watchForErrors } from '../browser/page.mjs';
import { cleanUp, install, run, runTool, tarball } from './stranger.mjs';

const bundlerProgram = join(import.meta.dirname, 'bundlers.mjs');
let browser;

beforeAll(async () => {
  await tarball();
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  cleanUp();
});

/** Opens a page of a project, which puts its predictions into the title. */
async function expectPredictions(url) {
  const page = await browser.newPage();
  const errors = watchForErrors(page);
  await page.goto(url);
  await page
    .waitForFunction(() => /^(predicted|failed)/.test(globalThis.document.title), {
      timeout: 20_000,
    })
    .catch((cause) => {
      throw new Error(`no result; ${errors.join('; ')}`, { cause });
    });
  expect(await page.title()).toBe('predicted 0,1,1,0');
  expect(errors).toEqual([]);
  await page.close();
}

/** The same for a page that a static host serves, under a content-security policy. */
async function expectPredictionsOf(files) {
  const server = await servePage(files);
  try {
    await expectPredictions(`${server.url}index.html`);
  } finally {
    await server.stop();
  }
}

test('Node, ECMAScript modules', async () => {
  await run(process.execPath, ['main.js'], await install('node-esm'));
});

describe('TypeScript, strict, without skipLibCheck', () => {
  test.each(['node16', 'bundler'])('moduleResolution %s', async (resolution) => {
    const folder = await install('typescript');
    await runTool('tsc', ['-p', `tsconfig.${resolution}.json`], folder);
    await run(process.execPath, [`built-${resolution}/main.js`], folder);
  });
});

describe('bundled for a page', () => {
  test.each(['vite', 'webpack', 'esbuild', 'rollup'])('%s', async (bundler) => {
    const folder = await install('page');
    await run(process.execPath, [bundlerProgram, bundler, folder]);
    await expectPredictionsOf(join(folder, 'dist'));
  });
});

describe('a worker, bundled for a page', () => {
  // The bundlers that know `new Worker(new URL(…, import.meta.url))`.
  test.each(['vite', 'webpack'])('%s', async (bundler) => {
    const folder = await install('worker-page');
    await run(process.execPath, [bundlerProgram, bundler, folder]);
    await expectPredictionsOf(join(folder, 'dist'));
  });
});

describe('Vite’s development server', () => {
  test.each(['page', 'worker-page'])('%s', async (project) => {
    const folder = await install(project);
    const server = spawn(process.execPath, [bundlerProgram, 'vite-serve', folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [url] = await once(server.stdout, 'data');
      await expectPredictions(String(url).trim());
    } finally {
      server.kill();
    }
  });
});

describe('the tarball', () => {
  test('publint has nothing to say', async () => {
    expect(await runTool('publint', ['--strict', await tarball()])).toMatch(/All good/);
  });

  test('attw: types resolve in every way that code does', async () => {
    await runTool('attw', [await tarball(), '--profile', 'esm-only', '--no-emoji']);
  });
});
