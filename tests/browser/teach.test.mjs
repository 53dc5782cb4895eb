// The page where one teaches a network: by a camera, which Chromium plays, and by pictures drawn here.
/* global document, innerWidth, MutationObserver -- of the page, in the functions that run there */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { usePage } from './harness.mjs';

const it = usePage();
const { textOf, waitForText } = it;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

let folder;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'lamella-teach-'))));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => openTeach());

async function openTeach() {
  await it.page.goto(`${it.server.url}teach.html`);
  await it.page.waitForSelector('#load:not([disabled])');
}

/** Paths of pictures, drawn by the page: a disc on a ground, from 0, dark, to 100, light. */
async function drawPictures(name, count, lightness) {
  const pictures = await it.page.evaluate(
    (count, lightness) =>
      Array.from({ length: count }, (_, i) => {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [96, 72];
        const context = canvas.getContext('2d');
        context.fillStyle = `hsl(${i * 40} 40% ${lightness}%)`;
        context.fillRect(0, 0, 96, 72);
        context.fillStyle = `hsl(${i * 70} 60% ${lightness + 8}%)`;
        context.arc(20 + ((i * 13) % 50), 36, 6 + (i % 12), 0, 7);
        context.fill();
        return canvas.toDataURL().split(',')[1];
      }),
    count,
    lightness,
  );
  return pictures.map((picture, i) => {
    const path = join(folder, `${name}-${i}.png`);
    writeFileSync(path, picture, 'base64');
    return path;
  });
}

/** Gives files to the input of a class, or to one with an id. */
async function upload(target, paths) {
  const selector =
    typeof target === 'number' ? `#classes > li:nth-child(${target}) input[type=file]` : target;
  await (await it.page.$(selector)).uploadFile(...paths);
}

const exampleCount = (number) =>
  it.page.$eval(`#classes > li:nth-child(${number}) .note`, ({ textContent }) =>
    parseInt(textContent, 10),
  );

const waitForExamples = (number, least) =>
  it.page.waitForFunction(
    (number, least) =>
      parseInt(
        document.querySelector(`#classes > li:nth-child(${number}) .note`).textContent,
        10,
      ) >= least,
    { timeout: 10_000 },
    number,
    least,
  );

const messageOf = (number) => textOfSelector(`#classes > li:nth-child(${number}) .status`);
const textOfSelector = (selector) => it.page.$eval(selector, (element) => element.textContent);

/** Two classes of pictures, the dark ones first. */
async function givePictures(count = 12) {
  await upload(1, await drawPictures('dark', count, 15));
  await upload(2, await drawPictures('light', count, 75));
  await waitForExamples(1, count);
  await waitForExamples(2, count);
}

async function trainToEnd() {
  await it.page.click('#go');
  await waitForText('status', /^Done/);
}

const bestBar = () => textOfSelector('#bars .best .class');

async function startCamera() {
  await it.page.click('#camera-go');
  await waitForText('camera-go', /^Stop camera$/);
}

/** Holds a class's button by the mouse until it has so many examples. */
async function record(number, least) {
  const button = await it.page.$(`#classes > li:nth-child(${number}) .hold`);
  await button.scrollIntoView();
  const { x, y, width, height } = await button.boundingBox();
  await it.page.mouse.move(x + width / 2, y + height / 2);
  await it.page.mouse.down();
  await waitForExamples(number, least);
  await it.page.mouse.up();
  await it.page.waitForFunction(
    (number) =>
      /added/.test(
        document.querySelector(`#classes > li:nth-child(${number}) .status`).textContent,
      ),
    {},
    number,
  );
}

test('learns pictures of two classes, tells new ones apart, and keeps the network as a file', async () => {
  expect(await textOf('status')).toBe('Missing: 5 pictures of each of two classes.');
  await it.page.$eval('#classes > li:nth-child(1) input', (input) => {
    input.value = 'Night';
    input.dispatchEvent(new Event('input'));
  });
  await upload(1, await drawPictures('few', 3, 15));
  await waitForText('status', /^Missing: 2 more of Night, 5 pictures of another class\.$/);
  expect(await it.page.$eval('#go', (button) => button.disabled)).toBe(true);
  await givePictures();
  await waitForText('status', /^Ready/);
  expect(await it.page.$$eval('.strip canvas', (canvases) => canvases.length)).toBe(12);
  await trainToEnd();
  expect(await textOf('accuracy')).toMatch(/^100\.0/);
  expect(await textOf('engine')).toMatch(/SIMD$/);

  const [dark, light] = [await drawPictures('a', 1, 22), await drawPictures('b', 1, 68)];
  await upload('#try-file', dark);
  await waitForText('answer', /Night \(\d/);
  expect(await bestBar()).toBe('Night');
  await upload('#try-file', light);
  await waitForText('answer', /Class 2 \(\d/);
  expect(await bestBar()).toBe('Class 2');

  // The names are those of now.
  await it.page.$eval('#classes > li:nth-child(2) input', (input) => {
    input.value = 'Day';
    input.dispatchEvent(new Event('input'));
  });
  await waitForText('answer', /Day/);
  const client = await it.page.createCDPSession();
  await client.send('Page.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
  await it.page.click('#save');
  await waitForText('keep-status', /^Saved as Night\+Day\.npz\.$/);
  for (let tries = 0; !readdirSync(folder).includes('Night+Day.npz'); tries++) {
    if (tries === 100) throw new Error('the file was not saved');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await it.page.reload();
  await it.page.waitForSelector('#load:not([disabled])');
  await upload('#file', [join(folder, 'Night+Day.npz')]);
  await waitForText('keep-status', /tells Night, Day apart/);
  await upload('#try-file', light);
  await waitForText('answer', /Day \(\d/);
  expect(it.errors).toEqual([]);
  expect(it.server.missing).toEqual([]);
});

test('records while a button is held, by mouse and key, and says what it sees', async () => {
  await startCamera();
  await record(1, 6);
  const held = await exampleCount(1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await exampleCount(1)).toBe(held);
  expect(await messageOf(1)).toBe(`${held} added.`);
  for (const [key, least] of [
    [' ', 3],
    ['Enter', 6],
  ]) {
    await it.page.focus('#classes > li:nth-child(2) .hold');
    await it.page.keyboard.down(key);
    await waitForExamples(2, least);
    await it.page.keyboard.up(key);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  await trainToEnd();
  await it.page.waitForSelector('#bars .best');
  // It goes on looking.
  await it.page.evaluate(() => {
    globalThis.looks = 0;
    new MutationObserver(() => globalThis.looks++).observe(document.querySelector('#bars .value'), {
      childList: true,
    });
  });
  await it.page.waitForFunction(() => globalThis.looks > 3, { timeout: 5000 });

  // A chosen picture stands until the camera is wanted again.
  await upload('#try-file', await drawPictures('one', 1, 50));
  await it.page.waitForSelector('#live:not([hidden])');
  await waitForText('answer', /%/);
  await it.page.click('#live');
  await waitForText('answer', /^[^%]+$/);
  await it.page.click('#camera-go');
  await waitForText('camera-status', /^It is off/);
  expect(await it.page.$eval('.hold', (button) => button.disabled)).toBe(true);
  expect(it.errors).toEqual([]);
});

test('stops, and keeps what was learned', async () => {
  await givePictures();
  await it.page.click('#go');
  await waitForText('accuracy', /\d/);
  await it.page.click('#stop');
  await waitForText('status', /^Stopped after pass \d+\.$/);
  expect(await textOf('go')).toBe('Train again');
  await upload('#try-file', await drawPictures('one', 1, 50));
  await waitForText('answer', /%/);
  expect(it.errors).toEqual([]);
});

test.each([
  ['NotAllowedError', /^The browser was not allowed to use the camera\. Pictures work without it/],
  ['NotFoundError', /^No camera was found\. Pictures work without it/],
])('without a camera (%s) says so, and takes pictures', async (name, message) => {
  await it.page.evaluate((name) => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', name));
  }, name);
  await it.page.click('#camera-go');
  await waitForText('camera-status', message);
  await givePictures(5);
  await waitForText('status', /^Ready/);
  expect(it.errors).toEqual([]);
});

test('names files that are no pictures; classes are added and emptied', async () => {
  const path = join(folder, 'notes.txt');
  writeFileSync(path, 'no picture');
  await upload(1, [path, ...(await drawPictures('one', 1, 50))]);
  await waitForExamples(1, 1);
  await it.page.waitForFunction(() =>
    /notes\.txt/.test(document.querySelector('#classes .status').textContent),
  );
  expect(await messageOf(1)).toBe('1 added. No picture that this browser shows: notes.txt.');
  await upload('#file', [path]);
  await waitForText('keep-status', /^notes\.txt cannot be loaded: /);
  await it.page.click('[aria-label="Empty Class 1"]');
  expect(await exampleCount(1)).toBe(0);
  for (let i = 0; i < 3; i++) await it.page.click('#add-class');
  expect(await it.page.$$eval('#classes > li', (items) => items.length)).toBe(5);
  expect(await it.page.$('#add-class[hidden]')).not.toBeNull();
});

test('a class takes 500 examples and no more', async () => {
  const [path] = await drawPictures('one', 1, 50);
  await upload(
    1,
    Array.from({ length: 502 }, () => path),
  );
  await waitForExamples(1, 500);
  await it.page.waitForFunction(() =>
    /Class 1 is full/.test(document.querySelector('#classes .status').textContent),
  );
  expect(await exampleCount(1)).toBe(500);
});

for (const theme of ['light', 'dark']) {
  test(`axe finds nothing to fault, ${theme}`, async () => {
    await it.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
    // Past the page's own security policy, as axe is no part of it.
    await it.page.evaluate(axe);
    const check = async () => {
      const { violations } = await it.page.evaluate(() => globalThis.axe.run());
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`);
    };
    expect(await check()).toEqual([]);
    await startCamera();
    await givePictures(5);
    await trainToEnd();
    await it.page.waitForSelector('#bars .best');
    expect(await check()).toEqual([]);
  });
}

test('fits a narrow phone', async () => {
  await it.page.setViewport({ width: 360, height: 640, isMobile: true, hasTouch: true });
  await startCamera();
  // By a finger.
  const button = await it.page.$('.hold');
  await button.scrollIntoView();
  const { x, y } = await button.boundingBox();
  const touch = await it.page.touchscreen.touchStart(x + 20, y + 20);
  await waitForExamples(1, 3);
  await touch.end();
  await it.page.waitForFunction(() =>
    /added/.test(document.querySelector('#classes .status').textContent),
  );
  await givePictures(8);
  const { width, overflow } = await it.page.evaluate(() => ({
    width: innerWidth,
    overflow: document.documentElement.scrollWidth,
  }));
  expect(width).toBe(360);
  expect(overflow).toBeLessThanOrEqual(width);
});

test('is linked from the first page and back, and works without a network', async () => {
  await it.page.waitForSelector('#offline:not([hidden])');
  await it.page.click('.lead a');
  await it.page.waitForSelector('#dataset');
  await it.page.setOfflineMode(true);
  await it.page.click('.lead a');
  await it.page.waitForSelector('#load:not([disabled])');
  await givePictures(5);
  await trainToEnd();
  await it.page.setOfflineMode(false);
  expect(it.errors).toEqual([]);
});
