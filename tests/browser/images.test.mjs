// Pictures of all sources that a page and a worker draw, as tensors.
/* global createImageBitmap, document, Image, OffscreenCanvas, VideoFrame, Worker -- of the page, in the functions that run there */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { launchBrowser, servePage } from './page.mjs';

/** The folder of the server: the package, a picture and a worker's script. */
const folder = mkdtempSync(join(tmpdir(), 'lamella-images-'));

const worker = `
  import { init } from './index.js';
  import { imageTensor } from './images.js';
  await init();
  onmessage = async ({ data }) => postMessage((await imageTensor(data, { size: 5 })).shape);
  postMessage('ready');`;

let server;
let browser;
let page;

beforeAll(async () => {
  cpSync(join(import.meta.dirname, '../../dist'), folder, { recursive: true });
  writeFileSync(join(folder, 'pictures.js'), worker);
  server = await servePage(folder);
  browser = await launchBrowser();
  page = await browser.newPage();
  await page.goto(`${server.url}index.js`);
  await page.evaluate(async () => {
    const { init } = await import('./index.js');
    const { imageTensor } = await import('./images.js');
    await init();
    /** A picture with four colours: red, green, blue and white quarters. */
    globalThis.paint = (canvas, width = 40, height = 20) => {
      Object.assign(canvas, { width, height });
      const context = canvas.getContext('2d');
      for (const [i, color] of ['#f00', '#0f0', '#00f', '#fff'].entries()) {
        context.fillStyle = color;
        context.fillRect(((i % 2) * width) / 2, ((i >> 1) * height) / 2, width / 2, height / 2);
      }
      return canvas;
    };
    globalThis.painted = () => globalThis.paint(new OffscreenCanvas(1, 1)).convertToBlob();
    globalThis.read = async (source, options = { size: 2, scale: 1 }) => {
      const made = await imageTensor(source, options);
      const numbers = Array.from(made.toArray(), Math.round);
      const { shape } = made;
      made.dispose();
      return { shape, numbers };
    };
    globalThis.refusal = async (source) => {
      try {
        await imageTensor(source);
        return 'nothing';
      } catch (error) {
        return `${error.name}: ${error.message}`;
      }
    };
  });
  const bytes = await page.evaluate(async () =>
    Array.from(new Uint8Array(await (await globalThis.painted()).arrayBuffer())),
  );
  writeFileSync(join(folder, 'picture.png'), Uint8Array.from(bytes));
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(folder, { recursive: true });
});

test('every source that there is', async () => {
  const results = await page.evaluate(async () => {
    const { paint, read } = globalThis;
    const canvas = paint(document.createElement('canvas'));
    const offscreen = paint(new OffscreenCanvas(1, 1));
    const blob = await globalThis.painted();
    const image = new Image();
    // Not loaded yet: it is waited for.
    image.src = 'picture.png';
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = canvas.captureStream();
    await new Promise((resolve) => {
      video.onloadeddata = resolve;
      void video.play();
      paint(canvas);
    });
    const sources = {
      canvas,
      offscreen,
      image,
      video,
      blob,
      file: new File([blob], 'picture.png'),
      bitmap: await createImageBitmap(canvas),
      frame: new VideoFrame(canvas, { timestamp: 0 }),
      data: canvas.getContext('2d').getImageData(0, 0, 40, 20),
    };
    const entries = Object.entries(sources).map(async ([name, source]) => [
      name,
      await read(source),
    ]);
    return Object.fromEntries(await Promise.all(entries));
  });
  // Each pixel is a quarter: red, green, blue, white.
  const wanted = [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255];
  expect(Object.keys(results)).toHaveLength(9);
  for (const [name, { shape, numbers }] of Object.entries(results)) {
    // Antialiasing mixes a little of a neighbour; a video's colours are not exact.
    const worst = Math.max(...numbers.map((value, i) => Math.abs(value - wanted[i])));
    expect([name, shape, worst < 70]).toEqual([name, [1, 3, 2, 2], true]);
  }
  const { video, ...exact } = results;
  expect(video.numbers).toHaveLength(12);
  const { canvas, ...others } = exact;
  for (const other of Object.values(others)) expect(other).toEqual(canvas);
});

test('what has nothing to show, and what may not be read', async () => {
  const refusals = await page.evaluate(async () => {
    const { paint, refusal } = globalThis;
    const bitmap = await createImageBitmap(paint(new OffscreenCanvas(1, 1)));
    bitmap.close();
    const canvas = document.createElement('canvas');
    canvas.width = 0;
    return {
      bitmap: await refusal(bitmap),
      canvas: await refusal(canvas),
      image: await refusal(new Image()),
      video: await refusal(document.createElement('video')),
      text: await refusal(new Blob(['no picture'])),
      element: await refusal(document.createElement('div')),
    };
  });
  expect(refusals).toEqual({
    bitmap: expect.stringContaining('StateError: imageTensor: source: there is nothing to see'),
    canvas: expect.stringContaining('there is nothing to see'),
    image: expect.stringContaining('StateError: imageTensor: source: the image cannot be loaded'),
    video: expect.stringContaining("'loadeddata'"),
    text: expect.stringContaining('FormatError: imageTensor: source: no picture'),
    element: expect.stringContaining('ArgumentTypeError: imageTensor: source must be a canvas'),
  });
});

test('in a worker', async () => {
  const shape = await page.evaluate(async () => {
    const worker = new Worker('pictures.js', { type: 'module' });
    const next = () =>
      new Promise((resolve, reject) => {
        worker.onmessage = (event) => resolve(event.data);
        worker.onerror = reject;
      });
    await next();
    worker.postMessage(await globalThis.painted());
    const made = await next();
    worker.terminate();
    return made;
  });
  expect(shape).toEqual([1, 3, 5, 5]);
});

test('a frame of 1280 x 720 takes at most 3 ms', async () => {
  const times = await page.evaluate(async () => {
    const { paint } = globalThis;
    const { imageTensor } = await import('./images.js');
    const canvas = paint(new OffscreenCanvas(1, 1), 1280, 720);
    const data = canvas.getContext('2d').getImageData(0, 0, 1280, 720);
    const best = { data: Infinity, canvas: Infinity };
    for (let i = 0; i < 60; i++) {
      for (const [name, source] of Object.entries({ data, canvas })) {
        const start = performance.now();
        (await imageTensor(source, { size: 224 })).dispose();
        best[name] = Math.min(best[name], performance.now() - start);
      }
    }
    return best;
  });
  process.stdout.write(`1280 x 720 to 224: ${JSON.stringify(times)} ms\n`);
  // The best of many; a canvas is drawn and read by the browser before.
  expect(times.data).toBeLessThan(3);
});
