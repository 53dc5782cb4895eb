// The race against TensorFlow.js.
/* global document -- of the page, in the functions that run there */
import { expect, test } from '@jest/globals';
import { usePage } from './harness.mjs';

const it = usePage();
const { set, textOf, waitForText } = it;

/**
 * Presses the button when the engine has told the outputs of all layers, which are "…" until then:
 * these words move the button, and a press beside it races nobody. The locator waits until the
 * button is enabled and stands still.
 */
async function press() {
  await it.page.waitForFunction(() => {
    const outputs = Array.from(document.querySelectorAll('#layers .output'));
    return outputs.length > 0 && outputs.every(({ textContent }) => textContent !== '…');
  });
  await it.page.locator('#race').click();
}

/** Text of the lanes, and images per second. */
async function lanes() {
  const texts = await it.page.$$eval('#lanes li', (all) => all.map((lane) => lane.textContent));
  const speeds = texts.map((text) => Number(/([\d,]+) images/.exec(text)?.[1].replaceAll(',', '')));
  return { texts, speeds };
}

test('a dense network: both in WebAssembly, speeds and versions shown', async () => {
  await it.page.select('#preset', 'mlp');
  await press();
  await waitForText('race', /^Race again$/);
  const { texts, speeds } = await lanes();
  expect(texts[0]).toMatch(/^lamella.*\d+\.\d+\.\d+, WebAssembly, (relaxed )?SIMD$/);
  expect(texts[1]).toMatch(/^TensorFlow\.js.*4\.22\.0, WebAssembly, SIMD$/);
  expect(Math.min(...speeds)).toBeGreaterThan(100);
  expect(await textOf('race-status')).toMatch(
    /times as fast.*each on one thread.*Median of \d+ and \d+/,
  );
  expect(it.errors).toEqual([]);
});

test('a convolutional network: TensorFlow.js in JavaScript, and why', async () => {
  await set('batch-size', 16);
  await press();
  await waitForText('race', /^Race again$/);
  const { texts, speeds } = await lanes();
  expect(texts[1]).toMatch(/4\.22\.0, JavaScript$/);
  expect(speeds[0]).toBeGreaterThan(3 * speeds[1]);
  expect(await textOf('race-status')).toMatch(
    /cannot train this network: it lacks Conv2DBackpropFilter/,
  );
  expect(it.errors).toEqual([]);
});

test('can be stopped, and says what TensorFlow.js lacks', async () => {
  await press();
  await waitForText('lanes', /training/);
  await it.page.click('#race');
  await waitForText('race-status', /^The race was stopped\.$/);

  await it.page.click('[aria-label="Layer 4, Convolution: groups"]', { count: 3 });
  await it.page.keyboard.type('4');
  await it.page.keyboard.press('Tab');
  await press();
  await waitForText('race-status', /TensorFlow\.js cannot race: .*no convolution in groups/);
});

test('every kind of layer races that TensorFlow.js has', async () => {
  await it.page.select('#preset', 'residual');
  const kinds = ['LayerNormalization', 'GELU', 'Swish', 'Tanh', 'LeakyReLU', 'PReLU', 'Sigmoid'];
  for (const kind of [...kinds, 'Dropout']) {
    await it.page.select('#new-layer', kind);
    await it.page.click('#add-layer');
  }
  await set('batch-size', 2);
  await press();
  await waitForText('race', /^Race again$/);
  expect((await lanes()).speeds.every((speed) => speed > 0)).toBe(true);
  expect(it.errors).toEqual([]);
});
