// The built page on a server, and a browser: for the browser tests and the screenshots.
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { launchPuppeteer } from '../../scripts/browsers.mjs';

const root = join(import.meta.dirname, '../..');
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** Where the built page is. */
export const builtPage = join(root, 'demo/dist');

/** Builds the page on the package in dist/. */
export function buildPage() {
  execFileSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', 'demo'], {
    cwd: root,
    // Jest says 'test', which would make another page.
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/**
 * Serves files, those of the built page unless told otherwise, as a plain static host would, under a
 * path that is not the root.
 * @param headers - Of every response, beside its own or in their place.
 * @returns the page's address, what was asked for in vain, the names of files to refuse with 503,
 * how to serve other files from now on, and how to stop.
 */
export async function servePage(files = builtPage, headers = {}) {
  let served = files;
  const folder = '/some/where/';
  const missing = [];
  const refused = new Set();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const path = pathname.startsWith(folder) ? pathname.slice(folder.length) : undefined;
    const file = path === undefined ? '' : join(served, normalize(`/${path || 'index.html'}`));
    if ([...refused].some((name) => pathname.endsWith(name))) {
      response.writeHead(503).end();
      return;
    }
    if (!existsSync(file)) {
      missing.push(pathname);
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
      ...headers,
    });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}${folder}`,
    missing,
    refused,
    serve: (others) => (served = others),
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

/** Starts Chromium. */
export const launchBrowser = () => launchPuppeteer('chromium');

/** Collects what goes wrong on a page: console errors, exceptions, failed requests. */
export function watchForErrors(page) {
  const errors = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => errors.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => errors.push(`request failed: ${request.url()}`));
  return errors;
}

/**
 * Draws on the pad with the mouse.
 * @param strokes - Lists of [x, y], each from 0 to 1 over the pad.
 */
export async function draw(page, strokes) {
  const pad = await page.$('#pad');
  await pad.scrollIntoView();
  const { x, y, width, height } = await pad.boundingBox();
  const at = ([u, v]) => [x + u * width, y + v * height];
  for (const [first, ...rest] of strokes) {
    await page.mouse.move(...at(first));
    await page.mouse.down();
    for (const point of rest) await page.mouse.move(...at(point), { steps: 6 });
    await page.mouse.up();
  }
}

/** Points on a part of an ellipse, angles in turns clockwise from the right. */
export function arc([x, y], [radiusX, radiusY], from, to, steps = 16) {
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = 2 * Math.PI * (from + ((to - from) * i) / steps);
    return [x + radiusX * Math.cos(angle), y + radiusY * Math.sin(angle)];
  });
}

/** Digits that anyone would read, as strokes. */
export const drawings = {
  0: [arc([0.5, 0.5], [0.2, 0.32], -0.25, 0.75, 24)],
  1: [
    [
      [0.52, 0.18],
      [0.5, 0.5],
      [0.48, 0.82],
    ],
  ],
  2: [[...arc([0.5, 0.36], [0.2, 0.19], -0.5, 0.1), [0.3, 0.8], [0.74, 0.8]]],
  3: [
    [...arc([0.46, 0.34], [0.2, 0.17], -0.4, 0.25), ...arc([0.46, 0.66], [0.24, 0.18], -0.25, 0.4)],
  ],
  7: [
    [
      [0.27, 0.22],
      [0.74, 0.22],
      [0.46, 0.84],
    ],
  ],
};
