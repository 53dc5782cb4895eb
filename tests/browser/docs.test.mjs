// Opens the pages that the README, the guides and the cookbook show in a real browser. Their scripts
// from a CDN come from dist/ instead.
/* global OffscreenCanvas -- of the page, in the functions that run there */
import { createServer } from 'node:http';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { blocksOf, pages, programsOf, root } from '../markdown.mjs';
import { launchBrowser, watchForErrors } from './page.mjs';

const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const cdn = `https://cdn.jsdelivr.net/npm/${name}@${version}/`;
const all = pages.flatMap((page) => blocksOf(page).map((block) => ({ page, ...block })));

/** A folder with two folders of pictures: light and dark ones. */
const pictures = mkdtempSync(join(tmpdir(), 'lamella-pictures-'));

/** Draws a folder of pictures. */
async function drawPictures(name, lightness) {
  const page = await browser.newPage();
  const files = await page.evaluate(async (light) => {
    const canvas = new OffscreenCanvas(64, 48);
    const context = canvas.getContext('2d');
    const drawn = [];
    for (let i = 0; i < 12; i++) {
      context.fillStyle = `hsl(${30 * i} 50% ${light}%)`;
      context.fillRect(0, 0, 64, 48);
      const blob = await canvas.convertToBlob();
      drawn.push(Array.from(new Uint8Array(await blob.arrayBuffer())));
    }
    return drawn;
  }, lightness);
  await page.close();
  mkdirSync(join(pictures, name));
  for (const [i, bytes] of files.entries()) {
    writeFileSync(join(pictures, name, `${i}.png`), Uint8Array.from(bytes));
  }
}

let browser;
let server;
let url;
/** The page that the server answers with. */
let html;
/** The files beside it, by name. */
let files = {};
let headers = {};

beforeAll(async () => {
  browser = await launchBrowser();
  await drawPictures('light', 85);
  await drawPictures('dark', 15);
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const file = join(root, pathname);
    if (pathname === '/') {
      response.writeHead(200, { ...headers, 'content-type': 'text/html' });
      response.end(html);
    } else if (pathname.startsWith('/dist/') && existsSync(file)) {
      response.writeHead(200, { ...headers, 'content-type': 'text/javascript' });
      response.end(readFileSync(file));
    } else if (Object.hasOwn(files, pathname.slice(1))) {
      response.writeHead(200, { ...headers, 'content-type': 'text/javascript' });
      response.end(files[pathname.slice(1)].replaceAll(cdn, '/'));
    } else {
      response.writeHead(pathname === '/favicon.ico' ? 204 : 404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${server.address().port}/`;
});

afterAll(async () => {
  await browser?.close();
  server?.close();
  server?.closeAllConnections();
  rmSync(pictures, { recursive: true });
});

test.each(all.filter(({ language }) => language === 'html'))(
  'the page at $page:$line does what it says',
  async ({ page: source, code }) => {
    expect(code).toContain(cdn);
    headers = {};
    ({ files } = programsOf(source));
    html = `<!doctype html><title></title>${code.replace(/^<!doctype html>/, '').replaceAll(cdn, '/')}`;
    // Each page has a storage of its own, so that none finds what another has kept.
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    const errors = watchForErrors(page);
    await page.goto(url);
    // Pictures for the page that asks for a folder of them.
    await (await page.$('input[webkitdirectory]'))?.uploadFile(pictures);
    // Each of these pages ends by putting a result there.
    await page
      .waitForFunction(() => globalThis.document.title !== '', { timeout: 10_000 })
      .catch((cause) => {
        throw new Error(`no result; ${errors.join('; ')}`, { cause });
      });
    expect(errors).toEqual([]);
    await context.close();
  },
);

test('engine and worker run under the headers of the guides', async () => {
  const lines = all
    .filter(({ language }) => language === 'http')
    .flatMap(({ code }) =>
      code
        .trim()
        .split('\n')
        .map((line) => line.split(/: (.*)/)),
    );
  headers = Object.fromEntries(lines);
  expect(Object.keys(headers)).toEqual(
    expect.arrayContaining(['Content-Security-Policy', 'Cross-Origin-Opener-Policy']),
  );
  html = '<!doctype html><title>headers</title>';
  const page = await browser.newPage();
  const errors = watchForErrors(page);
  await page.goto(url);
  const [isolated, variant] = await page.evaluate(async () => {
    const { init } = await import('/dist/index.js');
    const { createWorkerClient } = await import('/dist/worker-client.js');
    await init();
    const client = await createWorkerClient();
    client.dispose();
    return [globalThis.crossOriginIsolated, client.runtimeInfo.variant];
  });
  expect(isolated).toBe(true);
  expect(variant).toMatch(/simd|relaxed|threads/);
  expect(errors).toEqual([]);
  await page.close();
});
