// The built page must pass these in every browser engine: the one in LAMELLA_BROWSER, or Chromium.
/* global document, requestAnimationFrame -- of the page, in functions that run there */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openIn } from '../../scripts/browsers.mjs';
import { buildPage, drawings, servePage } from './page.mjs';

const engine = process.env.LAMELLA_BROWSER ?? 'chromium';
let server;
let browser;
let stopped = false;

beforeAll(async () => {
  buildPage();
  server = await servePage();
  browser = await openIn(engine, server.url);
  await until(() => document.getElementById('engine').title !== '');
  const variant = await browser.run(() => document.getElementById('engine').title);
  process.stdout.write(`${engine}: ${browser.version}, ${variant}\n`);
});

afterAll(async () => {
  await browser?.close();
  if (!stopped) await server?.stop();
});

/** Waits until a function is true in the page. */
async function until(condition, ...parameters) {
  for (let tries = 0; !(await browser.run(condition, ...parameters)); tries++) {
    if (tries === 250) {
      const says = await browser.run(() => document.querySelector('.train').innerText);
      throw new Error(`waited in vain for ${condition} ${parameters}; the page says: ${says}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const text = (id) => browser.run((name) => document.getElementById(name).textContent, id);

const untilText = (id, pattern) =>
  until(
    (name, source) => new RegExp(source).test(document.getElementById(name).textContent),
    id,
    pattern.source,
  );

const press = (selector) => browser.run((which) => document.querySelector(which).click(), selector);

const set = (id, value) =>
  browser.run(
    (name, given) => {
      const input = document.getElementById(name);
      input.value = given;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    },
    id,
    value,
  );

/** Leaves the page for good, as a closed tab does, and comes back. */
async function reload() {
  await browser.goto('about:blank');
  await browser.goto(server.url);
}

/** Draws on the pad by pointer events, in the middle of the window. */
async function draw(strokes) {
  const box = await browser.run(async () => {
    const pad = document.getElementById('pad');
    pad.scrollIntoView({ block: 'center' });
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const { x, y, width, height } = pad.getBoundingClientRect();
    return { x, y, width, height };
  });
  for (const stroke of strokes) {
    await browser.drag(stroke.map(([u, v]) => [box.x + u * box.width, box.y + v * box.height]));
  }
}

test('learns to read, and reads what is drawn', async () => {
  await set('epochs', 3);
  await press('#go');
  await untilText('status', /^Done/);
  const accuracy = parseFloat(await text('accuracy'));
  process.stdout.write(`${engine}: ${accuracy} % read, ${await text('speed')}\n`);
  expect(accuracy).toBeGreaterThanOrEqual(90);
  for (const digit of ['0', '1', '3', '7']) {
    await draw(drawings[digit]);
    await until(
      (wanted) => document.querySelector('#answer strong')?.textContent === wanted,
      digit,
    );
    await press('#clear');
  }
});

test('goes on with its run after a reload', async () => {
  await set('epochs', 4);
  await press('#go');
  await until(() => document.getElementById('progress').value > 0.3);
  await press('#go');
  await untilText('go', /^Resume$/);
  // The worker hears of the pause, and keeps the run, a moment after the button says so.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await reload();
  await untilText('kept-text', /^A training run stopped after \d+ of 628 batches/);
  await press('#restore');
  await untilText('status', /^Done/);
  expect(parseFloat(await text('accuracy'))).toBeGreaterThanOrEqual(90);
});

test('explains a list of layers that does not fit', async () => {
  await press('[aria-label="Remove layer 7, Flatten"]');
  await untilText('problem', /^Layer 7 does not fit: Dense takes a list of numbers/);
  expect(await browser.run(() => document.getElementById('go').disabled)).toBe(true);
  await set('preset', 'cnn');
  await until(() => !document.getElementById('go').disabled);
});

test('asks for nothing that is not there', () => {
  expect(server.missing).toEqual([]);
});

test('works once loaded, the server gone', async () => {
  await reload();
  await until(() => !document.getElementById('offline').hidden);
  await server.stop();
  stopped = true;
  await reload();
  await set('epochs', 1);
  await press('#go');
  await untilText('status', /^Done/);
  expect(parseFloat(await text('accuracy'))).toBeGreaterThan(80);
  await expect(fetch(server.url)).rejects.toThrow();
});
