// Checkpoints in a real browser's IndexedDB and private file system.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { launchBrowser, servePage } from './page.mjs';

let server;
let browser;

beforeAll(async () => {
  server = await servePage(join(import.meta.dirname, '../../dist'));
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** A page that may import the package. */
async function open() {
  const page = await browser.newPage();
  await page.goto(`${server.url}index.js`);
  return page;
}

describe.each(['indexedDbStore', 'opfsStore'])('%s', (kind) => {
  test('what is saved is there in another tab, until it is removed', async () => {
    const first = await open();
    await first.evaluate(async (kind) => {
      const store = (await import('./index.js'))[kind]('kept');
      await store.save('run', new Uint8Array([1, 2]));
      await store.save('run', new Uint8Array([3, 4, 5]));
      await store.save('other', new Uint8Array([6]));
    }, kind);
    await first.close();
    const second = await open();
    const found = await second.evaluate(async (kind) => {
      const store = (await import('./index.js'))[kind]('kept');
      const load = async (name) => Array.from((await store.load(name)) ?? ['none']);
      const before = await load('run');
      await store.remove('run');
      await store.remove('run');
      return [before, await load('run'), await load('other')];
    }, kind);
    expect(found).toEqual([[3, 4, 5], ['none'], [6]]);
    await second.close();
  });

  test('a tab killed while it saves leaves a whole checkpoint', async () => {
    const size = 40_000_000;
    const first = await open();
    await first.evaluate(
      async (kind, length) => {
        const store = (await import('./index.js'))[kind]('killed');
        await store.save('run', new Uint8Array(length).fill(1));
        // Not awaited: the tab goes away in the middle.
        void store.save('run', new Uint8Array(length).fill(2));
      },
      kind,
      size,
    );
    await first.close();
    const second = await open();
    const { length, values } = await second.evaluate(async (kind) => {
      const bytes = await (await import('./index.js'))[kind]('killed').load('run');
      return { length: bytes.length, values: [...new Set(bytes)] };
    }, kind);
    expect(length).toBe(size);
    expect(values).toHaveLength(1);
    await second.close();
  });
});

test('a model trained, saved and loaded in the page goes on to the same weights', async () => {
  const page = await open();
  const [resumed, uninterrupted] = await page.evaluate(async () => {
    const lamella = await import('./index.js');
    await lamella.init();
    const x = lamella.tensor(
      Float32Array.from({ length: 40 }, (_, i) => Math.sin(i)),
      [10, 4],
    );
    const y = lamella.oneHot(
      Array.from({ length: 10 }, (_, i) => i % 3),
      3,
    );
    const make = () =>
      new lamella.Model(
        [new lamella.Dense(8, { inputSize: 4 }), new lamella.Dropout(), new lamella.Dense(3)],
        {
          loss: new lamella.CategoricalCrossEntropy(),
          optimizer: new lamella.Adam(),
          seed: 5,
        },
      );
    const weights = (model) => Array.from(model.layers[0].weights.toArray());
    const whole = make();
    await whole.train(x, y, { epochs: 4, batchSize: 4 });
    const half = make();
    await half.train(x, y, { epochs: 2, batchSize: 4 });
    const store = lamella.indexedDbStore('resumed');
    await store.save('run', await lamella.saveCheckpoint(half));
    const again = await lamella.loadCheckpoint(await store.load('run'));
    await again.train(x, y, { epochs: 2, batchSize: 4 });
    return [weights(again), weights(whole)];
  });
  expect(resumed).toEqual(uninterrupted);
  await page.close();
});
