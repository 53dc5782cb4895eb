// Opens the pages that the README, the guides and the cookbook show in a real browser. Their scripts
// from a CDN come from dist/ instead.
import { createServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { blocksOf, pages, programsOf, root } from '../markdown.mjs';
import { launchBrowser, watchForErrors } from './page.mjs';

const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const cdn = `https://cdn.jsdelivr.net/npm/${name}@${version}/`;
const all = pages.flatMap((page) => blocksOf(page).map((block) => ({ page, ...block })));

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
