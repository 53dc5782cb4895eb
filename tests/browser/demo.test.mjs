// The built demo page in a real browser: it trains, reads what is drawn, and says what is wrong.
/* global document, innerWidth -- of the page, in the functions that run there */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { usePage } from './harness.mjs';
import { builtPage, draw, drawings } from './page.mjs';

const it = usePage();
const { set, textOf, train, waitForText } = it;
const setPasses = (passes) => set('epochs', passes);

/** First and last loss and number of checks, from the chart's text alternative. */
async function heldOutLoss() {
  const label = await it.page.$eval('#loss-chart', (chart) => chart.getAttribute('aria-label'));
  const [, first, last, checks] = /: ([\d.]+) at first, ([\d.]+) after (\d+) checks/.exec(label);
  return { first: Number(first), last: Number(last), checks: Number(checks) };
}

/** How dark each pixel is that the page shows as the network's input: 784 values from 0 to 1. */
function seenImage() {
  return it.page.$eval('#seen', (canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, 28, 28);
    const red = Array.from({ length: 784 }, (_, i) => data[4 * i]);
    const paper = red[0];
    const ink = Math.min(...red);
    return red.map((value) => (value - paper) / (ink - paper || 1));
  });
}

test('trains, the loss falling, and reads drawn digits', async () => {
  await train();
  const { first, last } = await heldOutLoss();
  expect(last).toBeLessThan(0.25 * first);
  expect(parseFloat(await textOf('accuracy'))).toBeGreaterThan(90);
  expect(await textOf('speed')).toMatch(/^[\d,]+ images \/ s$/);

  for (const [digit, strokes] of Object.entries(drawings)) {
    await draw(it.page, strokes);
    await it.page.waitForFunction(
      (wanted) => document.querySelector('#answer strong')?.textContent === wanted,
      { timeout: 5000 },
      digit,
    );
    const best = await it.page.$eval('#bars .best', (bar) => bar.textContent);
    expect(best.startsWith(digit)).toBe(true);
    await it.page.click('#clear');
  }
  expect(it.errors).toEqual([]);
  expect(it.server.missing).toEqual([]);
});

test('before training, says what to do, also with a digit drawn', async () => {
  expect(await textOf('answer')).toMatch(/press Train/);
  await draw(it.page, drawings[3]);
  expect(await textOf('answer')).toMatch(/Press Train/);
  expect(await it.page.$('#bars .best')).toBeNull();
  expect(it.errors).toEqual([]);
});

test("shows the drawing as MNIST's digits are: 20 by 20, centre of mass in the middle", async () => {
  // Small and in a corner.
  const small = drawings[7].map((stroke) => stroke.map(([x, y]) => [0.02 + x / 3, 0.6 + y / 3]));
  await draw(it.page, small);
  const image = await seenImage();
  let [mass, x, y] = [0, 0, 0];
  const columns = new Set();
  const rows = new Set();
  image.forEach((ink, i) => {
    mass += ink;
    x += ink * ((i % 28) + 0.5);
    y += ink * (Math.floor(i / 28) + 0.5);
    if (ink < 0.25) return;
    columns.add(i % 28);
    rows.add(Math.floor(i / 28));
  });
  expect(x / mass).toBeCloseTo(14, 0);
  expect(y / mass).toBeCloseTo(14, 0);
  expect(rows.size).toBeGreaterThanOrEqual(19);
  expect(rows.size).toBeLessThanOrEqual(21);
  expect(columns.size).toBeLessThan(rows.size);
});

test('reads while it trains; pauses, resumes and stops', async () => {
  await setPasses(50);
  await draw(it.page, drawings[0]);
  await it.page.click('#go');
  await waitForText('go', /^Pause$/);
  await it.page.waitForSelector('#bars .best');
  await it.page.click('#go');
  await waitForText('go', /^Resume$/);
  // A batch under way ends, then nothing moves.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const paused = await it.page.$eval('#progress', (bar) => bar.value);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await it.page.$eval('#progress', (bar) => bar.value)).toBe(paused);
  // The network answers also while it waits.
  await it.page.click('#clear');
  await draw(it.page, drawings[1]);
  await it.page.waitForSelector('#bars .best');

  await it.page.click('#go');
  await it.page.waitForFunction(
    (before) => document.getElementById('progress').value > before,
    { timeout: 10_000 },
    paused,
  );
  await it.page.click('#stop');
  await waitForText('status', /^Stopped after/);
  expect(await textOf('go')).toBe('Train again');
  expect(it.errors).toEqual([]);
});

test('a failed download is told in words, and can be tried again', async () => {
  it.server.refused.add('trainSmall.bin');
  await setPasses(1);
  await it.page.click('#go');
  await it.page.waitForSelector('#alert:not([hidden])');
  expect(await textOf('alert')).toMatch(/could not be downloaded .*503/);
  expect(await textOf('go')).toBe('Train');
  it.server.refused.clear();
  await it.page.click('#go');
  await waitForText('status', /^Done/);
  expect(await it.page.$('#alert:not([hidden])')).toBeNull();
});

test('explains in words why a network cannot be trained, and trains one of your own', async () => {
  const selectPreset = (name) => it.page.select('#preset', name);
  const press = (label) => it.page.click(`[aria-label="${label}"]`);
  await waitForText('layers', /8 × 28 × 28/);
  await press('Remove layer 7, Flatten');
  await waitForText('problem', /^Layer 7 does not fit: Dense takes a list of numbers/);
  expect(await it.page.$eval('#go', (button) => button.disabled)).toBe(true);
  await press('Remove layer 7, Dense');
  await waitForText('problem', /must end with ten numbers.*images of 16 × 7 × 7/);

  await selectPreset('mlp');
  await it.page.waitForSelector('#problem[hidden]');
  expect(
    await it.page.$$eval('#layers .parameters', (cells) => cells.map((c) => c.textContent)),
  ).toEqual(['', '100,480 weights', '', '1,290 weights']);
  // A Dropout at the end, moved up by keyboard until it is in the middle.
  await it.page.select('#new-layer', 'Dropout');
  await it.page.click('#add-layer');
  await it.page.focus('[aria-label="Layer 5, Dropout: move up"]');
  await it.page.keyboard.press('Enter');
  await it.page.waitForSelector('[aria-label="Layer 4, Dropout: move up"]:focus');
  expect(await it.page.$eval('#preset', (select) => select.value)).toBe('own');
  await it.page.select('#optimizer', 'RMSprop');
  await train(1);
  expect(parseFloat(await textOf('accuracy'))).toBeGreaterThan(80);
  expect(it.errors).toEqual([]);
});

test('shows what is inside, and where it errs', async () => {
  await train(1);
  await it.page.waitForSelector('#kernels:not([hidden])');
  const titles = await it.page.$$eval('#looks h3', (titles) => titles.map((t) => t.textContent));
  expect(titles).toEqual([
    '1 Convolution',
    '2 ReLU',
    '3 Max pooling',
    '4 Convolution',
    '5 ReLU',
    '6 Max pooling',
    '8 Dense',
  ]);
  // 8 images of 28 by 28 with a pixel between them, not all empty.
  const drawn = await it.page.$eval('#looks canvas', (canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return { width: canvas.width, height: canvas.height, ink: data.some((value) => value > 100) };
  });
  expect(drawn).toEqual({ width: 8 * 29 - 1, height: 28, ink: true });

  const counts = await it.page.$$eval('#confusion tbody td', (cells) =>
    cells.map((cell) => Number(cell.textContent)),
  );
  expect(counts).toHaveLength(100);
  expect(counts.reduce((sum, count) => sum + count)).toBe(2000);
  const right = counts.filter((_, i) => i % 11 === 0).reduce((sum, count) => sum + count);
  expect(right / 20).toBeCloseTo(parseFloat(await textOf('accuracy')), 1);

  const mistake = await it.page.$eval('#mistakes button', (button) => button.textContent);
  const [, label, guess] = /^(\d), read as (\d)$/.exec(mistake);
  await it.page.click('#mistakes button');
  await waitForText('answer', new RegExp(`${guess} .*The data calls it ${label}`));
  expect(it.errors).toEqual([]);
});

test('keeps its settings in its address', async () => {
  await it.page.select('#preset', 'mlp');
  await set('seed', 42);
  const url = it.page.url();
  expect(url).toContain('#config=');
  await it.page.reload();
  expect(await it.page.$eval('#seed', (input) => input.value)).toBe('42');
  expect(await it.page.$eval('#preset', (select) => select.value)).toBe('mlp');

  await it.page.goto('about:blank');
  await it.page.goto(url.replace('Dense', 'Denser'));
  await it.page.waitForSelector('#alert:not([hidden])');
  expect(await textOf('alert')).toMatch(/settings in this link cannot be read/);
  expect(await it.page.$eval('#preset', (select) => select.value)).toBe('cnn');
  expect(it.errors).toEqual([]);
});

test('works with the keyboard alone', async () => {
  await setPasses(1);
  await it.page.focus('#go');
  await it.page.keyboard.press('Enter');
  await waitForText('status', /^Done/);
  await it.page.focus('#sample');
  await it.page.keyboard.press(' ');
  await waitForText('answer', /The data calls it \d/);
  expect(await it.page.$('#bars .best')).not.toBeNull();
});

for (const theme of ['light', 'dark']) {
  test(`axe finds nothing to fault, ${theme}`, async () => {
    await it.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
    // Past the page's own security policy, as axe is no part of it.
    await it.page.evaluate(
      readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8'),
    );
    const check = async () => {
      const { violations } = await it.page.evaluate(() => globalThis.axe.run());
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`);
    };
    expect(await check()).toEqual([]);
    await draw(it.page, drawings[3]);
    await train(1);
    await waitForText('answer', /%/);
    expect(await check()).toEqual([]);
  });
}

test('fits a narrow phone', async () => {
  await it.page.setViewport({ width: 320, height: 640, isMobile: true, hasTouch: true });
  const { width, overflow } = await it.page.evaluate(() => ({
    width: innerWidth,
    overflow: document.documentElement.scrollWidth,
  }));
  expect(width).toBe(320);
  expect(overflow).toBeLessThanOrEqual(width);
});

/** Milliseconds of processor time of each task on the page's own thread, out of a trace. */
function tasksOfPage(trace) {
  const { traceEvents } = JSON.parse(Buffer.from(trace).toString());
  const mainThreads = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  return traceEvents
    .filter(({ name, pid, tid }) => name === 'RunTask' && mainThreads.has(`${pid} ${tid}`))
    .map(({ tdur = 0 }) => tdur / 1000);
}

test('keeps the page free while it trains: no task above 50 ms', async () => {
  await draw(it.page, drawings[3]);
  // By processor time, which other programs cannot add to.
  await it.page.tracing.start({ categories: ['disabled-by-default-devtools.timeline'] });
  await train(3);
  const tasks = tasksOfPage(await it.page.tracing.stop());
  expect(tasks.length).toBeGreaterThan(100);
  expect(Math.max(...tasks)).toBeLessThanOrEqual(50);
});

test('trains for seconds without a long-task entry', async () => {
  await draw(it.page, drawings[3]);
  // Such entries count the time that other programs take from the page, too: one quiet run of three.
  let entries;
  for (let tries = 0; tries < 3 && entries !== 0; tries++) {
    await it.page.evaluate(() => {
      globalThis.longTasks = 0;
      new PerformanceObserver((list) => (globalThis.longTasks += list.getEntries().length)).observe(
        { type: 'longtask' },
      );
    });
    await train(3);
    entries = await it.page.evaluate(() => globalThis.longTasks);
  }
  expect(entries).toBe(0);
});

test.each([
  ['index', 'teach'],
  ['teach', 'index'],
])('%s.html weighs at most 250 kB without data', (_, other) => {
  const files = readdirSync(builtPage, { recursive: true, withFileTypes: true }).filter(
    // Of the engine's four variants a browser loads one; the race comes on demand.
    (entry) =>
      entry.isFile() &&
      !/\.bin$|^(simd|(relaxed-)?threads|lamella|tensorflow|tfjs-\w+)[.-]/.test(entry.name) &&
      !new RegExp(`^${other}[.-]`).test(entry.name),
  );
  const bytes = files.reduce(
    (sum, { parentPath, name }) => sum + gzipSync(readFileSync(join(parentPath, name))).length,
    0,
  );
  expect(files.length).toBeGreaterThan(4);
  expect(bytes).toBeLessThanOrEqual(250_000);
});
