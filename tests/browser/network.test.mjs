// Data sets and networks to choose from, and the list of layers.
import { expect, test } from '@jest/globals';
import { usePage } from './harness.mjs';

const it = usePage();
const { textOf, train, waitForText } = it;

const accuracy = async () => parseFloat(await textOf('accuracy'));
const press = (label) => it.page.click(`[aria-label="${label}"]`);
const field = (label) => `[aria-label="${label}"]`;

async function type(label, value) {
  await it.page.click(field(label), { count: 3 });
  await it.page.keyboard.type(value);
  await it.page.keyboard.press('Tab');
}

async function add(layer) {
  await it.page.select('#new-layer', layer);
  await it.page.click('#add-layer');
}

test('trains on Fashion-MNIST and calls its classes by name', async () => {
  await it.page.select('#dataset', 'fashion');
  expect(await textOf('pad-hint')).toBe('Draw a garment here');
  await train();
  expect(await accuracy()).toBeGreaterThan(78);
  await it.page.click('#sample');
  await waitForText(
    'answer',
    /The data calls it (T-shirt|Trousers|Pullover|Dress|Coat|Sandal|Shirt|Sneaker|Bag|Boot)\./,
  );
  expect(await textOf('confusion')).toMatch(/Trousers/);
  // Back to digits: the network of garments is not asked about them.
  await it.page.select('#dataset', 'mnist');
  await waitForText('answer', /knows nothing yet/);
  expect(it.errors).toEqual([]);
});

test('trains the residual network', async () => {
  await it.page.select('#preset', 'residual');
  await waitForText('layers', /8 × 14 × 14.*16 × 7 × 7.*32 × 4 × 4/);
  await train(1);
  expect(await accuracy()).toBeGreaterThan(90);
  const titles = await it.page.$$eval('#looks h3', (all) => all.map((each) => each.textContent));
  expect(titles).toContain('5 Residual block');
  expect(it.errors).toEqual([]);
});

test('every layer of the list can be trained', async () => {
  await it.page.select('#preset', 'cnn');
  for (const layer of ['Flatten', 'Dense']) await press(`Remove layer 7, ${layer}`);
  for (const layer of ['GELU', 'LayerNormalization', 'Residual', 'LeakyReLU']) await add(layer);
  for (const layer of ['PReLU', 'Swish', 'Tanh', 'BatchNormalization2D']) await add(layer);
  await add('AveragePooling2D');
  await add('Reshape');
  await type('Layer 16, Reshape: shape', '4 x 6 x 6');
  await waitForText('layers', /4 × 6 × 6/);
  await add('GlobalAveragePooling2D');
  await add('BatchNormalization');
  await add('Dropout');
  await add('Dense');
  await waitForText('problem', /must end with ten numbers.*a list of 64 numbers/);
  await type('Layer 20, Dense: outputs', '10');
  await it.page.waitForSelector('#problem[hidden]');
  await it.set('batch-size', 500);
  await train(1);
  expect(await accuracy()).toBeGreaterThan(5);
  expect(it.errors).toEqual([]);
});

test.each([
  [
    'Layer 4, Convolution: groups',
    '3',
    /^Layer 4 .* cannot cut its 8 incoming channels and 16 kernels into 3/,
  ],
  ['Layer 6, Max pooling: size', '8', undefined],
])('explains %s %s', async (label, value, problem) => {
  await waitForText('layers', /16 × 7 × 7/);
  await type(label, value);
  if (problem) await waitForText('problem', problem);
  else await waitForText('layers', /16 × 1 × 1/);
  expect(await it.page.$eval('#go', (button) => button.disabled)).toBe(problem !== undefined);
});

test('explains what a residual block and a reshape cannot do', async () => {
  await it.page.select('#preset', 'residual');
  await waitForText('layers', /32 × 4 × 4/);
  await it.page.select(field('Layer 7, Residual block: past it'), 'input');
  await waitForText('problem', /^Layer 7 .*both must be alike: 8 kernels and stride 1/);
  await it.page.select('#preset', 'mlp');
  await it.page.waitForSelector('#problem[hidden]');
  await add('Reshape');
  await waitForText(
    'problem',
    /^Layer 5 .*a list of 10 numbers hold 10, 1 × 28 × 28 would hold 784/,
  );
});

test('groups and dilation are settings', async () => {
  await waitForText('layers', /8 × 28 × 28/);
  await type('Layer 4, Convolution: groups', '8');
  await type('Layer 4, Convolution: dilation', '2');
  await waitForText('layers', /160 weights/);
  expect(decodeURIComponent(it.page.url())).toContain('"groups":8,"dilation":2');
  expect(await it.page.$eval('#preset', (select) => select.value)).toBe('own');
});
