// Models as files, and runs that survive a reload.
/* global indexedDB -- of the page, in the functions that run there */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { env, InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-web';
import { usePage } from './harness.mjs';

env.wasm.numThreads = 1; // its own workers would outlive the test

const it = usePage();
const { set, textOf, train, waitForText } = it;
let folder;

beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'lamella-keep-'))));
afterAll(() => rmSync(folder, { recursive: true }));

/** Remembers what the page hands out as files. */
const watchDownloads = () =>
  it.page.evaluateOnNewDocument(() => {
    const create = URL.createObjectURL;
    globalThis.downloads = [];
    URL.createObjectURL = (blob) => {
      globalThis.downloads.push(blob);
      return create.call(URL, blob);
    };
  });

beforeEach(async () => {
  await watchDownloads();
  await it.page.reload();
});

/** The file that the page's button saves. */
async function save(format) {
  await it.page.select('#format', format);
  const before = await it.page.evaluate('downloads.length');
  await it.page.click('#save');
  await it.page.waitForFunction('downloads.length > ' + before);
  const base64 = await it.page.evaluate(async () => {
    const bytes = new Uint8Array(await globalThis.downloads.at(-1).arrayBuffer());
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  });
  return Buffer.from(base64, 'base64');
}

async function load(name, bytes) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const input = await it.page.$('#file');
  await input.uploadFile(path);
}

const pixels = (id) => it.page.$eval(`#${id}`, (canvas) => canvas.toDataURL());
/** Draws on canvases happen in the next frames. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 300));

test.each(['npz', 'safetensors'])(
  'a network saved as .%s reads as well when loaded',
  async (format) => {
    await it.page.select('#preset', 'residual');
    await train(1);
    const accuracy = await textOf('accuracy');
    const bytes = await save(format);
    await it.page.reload();
    // The layers of .npz come from the file, those for .safetensors from the page's address.
    if (format === 'npz') await it.page.select('#preset', 'mlp');
    await load(`mine.${format}`, bytes);
    await waitForText('status', /^mine\..* images held back\.$/);
    expect(await textOf('accuracy')).toBe(accuracy);
    expect(await it.page.$eval('#preset', (select) => select.value)).toBe('residual');
    expect(await save(format)).toEqual(bytes);
    await it.page.click('#sample');
    await waitForText('answer', /The data calls it/);
    await it.page.waitForSelector('#looks h3');
    expect(it.errors).toEqual([]);
  },
);

test('a network saved as .onnx runs in ONNX Runtime', async () => {
  await train(1);
  const session = await InferenceSession.create(await save('onnx'));
  const { output } = await session.run({
    input: new OnnxTensor('float32', new Float32Array(784).fill(0.5), [1, 1, 28, 28]),
  });
  expect(output.dims).toEqual([1, 10]);
  expect(output.data.reduce((sum, probability) => sum + probability, 0)).toBeCloseTo(1, 4);
  expect(it.errors).toEqual([]);
});

test('files that do not fit are refused in words', async () => {
  await train(1);
  const npz = await save('npz');
  const accuracy = await textOf('accuracy');
  const damaged = Buffer.from(npz);
  damaged[200] ^= 1;
  await load('damaged.npz', damaged);
  await waitForText('alert', /^damaged\.npz cannot be loaded: .*checksum is wrong/);
  await load('cut.npz', npz.subarray(0, 999));
  await waitForText('alert', /^cut\.npz cannot be loaded: .*truncated/);
  await load('weights.onnx', npz);
  await waitForText(
    'alert',
    /^weights\.onnx cannot be loaded: the page reads \.npz and \.safetensors/,
  );
  const weights = await save('safetensors');
  await it.page.select('#preset', 'mlp');
  await load('other.safetensors', weights);
  await waitForText('alert', /^other\.safetensors cannot be loaded: layer_.*must fit the layers/);
  // The kept network is still there.
  expect(await textOf('accuracy')).toBe(accuracy);
  expect(await save('npz')).toEqual(npz);
});

test('a run goes on after a reload, to the same curves and weights', async () => {
  // Dropout, so that random numbers count too.
  await it.page.select('#new-layer', 'Dropout');
  await it.page.click('#add-layer');
  await it.page.click('[aria-label="Layer 9, Dropout: move up"]');
  await it.page.click('[aria-label="Layer 8, Dropout: move up"]');
  await train(4);
  const whole = {
    weights: await save('safetensors'),
    accuracy: await textOf('accuracy'),
    curves: [await pixels('loss-chart'), await pixels('accuracy-chart')],
  };

  await it.page.click('#go');
  await waitForText('go', /^Pause$/);
  await it.page.waitForFunction("document.getElementById('progress').value > 0.3");
  await it.page.click('#go');
  await waitForText('go', /^Resume$/);
  await settle();
  await it.page.goto('about:blank');
  await it.page.goto(it.server.url);
  await waitForText('kept-text', /^A training run stopped after \d+ of 628 batches/);
  const [, step] = /after (\d+)/.exec(await textOf('kept-text'));
  expect(Number(step)).toBeGreaterThan(180);
  await it.page.click('#restore');
  await waitForText('status', /^Done/);
  await settle();
  expect(await textOf('accuracy')).toBe(whole.accuracy);
  expect([await pixels('loss-chart'), await pixels('accuracy-chart')]).toEqual(whole.curves);
  expect(await save('safetensors')).toEqual(whole.weights);

  // A finished one comes back, too.
  await it.page.reload();
  await waitForText('kept-text', /^Your last network, trained for 628 batches/);
  await it.page.click('#restore');
  await waitForText('status', /^Done/);
  expect(await save('safetensors')).toEqual(whole.weights);
  await it.page.reload();
  await it.page.waitForSelector('#kept:not([hidden])');
  await it.page.click('#forget');
  await settle();
  await it.page.reload();
  await settle();
  expect(await it.page.$('#kept:not([hidden])')).toBeNull();
  expect(it.errors).toEqual([]);
});

test('what is kept while it trains is lost by no more than a few seconds', async () => {
  await set('epochs', 50);
  await it.page.click('#go');
  await it.page.waitForFunction("parseFloat(document.getElementById('elapsed').textContent) > 5", {
    timeout: 30_000,
  });
  const value = await it.page.$eval('#progress', (bar) => bar.value);
  await it.page.reload();
  await waitForText('kept-text', /^A training run stopped/);
  const [, step] = /after ([\d,]+)/.exec(await textOf('kept-text'));
  expect(Number(step.replace(',', ''))).toBeGreaterThan(0.4 * value * 7850);
});

test('a kept run that cannot be read is said so', async () => {
  const plant = () =>
    it.page.evaluate(async () => {
      const opening = indexedDB.open('lamella-demo', 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore('checkpoints');
      await new Promise((resolve) => (opening.onsuccess = resolve));
      const change = opening.result.transaction('checkpoints', 'readwrite');
      change.objectStore('checkpoints').put(new Uint8Array(20), 'run');
      await new Promise((resolve) => (change.oncomplete = resolve));
      opening.result.close();
    });
  // The page that is there may be just about to look: then it forgets what it cannot read, and the
  // next one finds nothing.
  for (let tries = 3; tries > 0; tries--) {
    await plant();
    await it.page.reload();
    const said = waitForText('alert', /^The kept training run cannot be read/, 10_000);
    if (tries === 1) await said;
    else if (await said.catch(() => false)) break;
  }
  await train(1);
});
