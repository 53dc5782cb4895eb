// The worker client in a real browser, under a strict content-security policy.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { launchBrowser, servePage } from './page.mjs';

let server;
let browser;
let page;

beforeAll(async () => {
  server = await servePage(join(import.meta.dirname, '../../dist'));
  browser = await launchBrowser();
  page = await browser.newPage();
  await page.goto(`${server.url}index.js`);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test('a model in a module worker becomes bit for bit the one in the page', async () => {
  const { remote, local, detached, variant } = await page.evaluate(async () => {
    const lamella = await import('./index.js');
    const { createWorkerClient } = await import('./worker-client.js');
    const { variant } = await lamella.init();
    const client = await createWorkerClient({ variant });
    const inputs = () => Float32Array.from({ length: 400 }, (_, i) => Math.sin(i));
    const labels = () => Float32Array.from({ length: 100 }, (_, i) => i % 3);
    const options = { epochs: 4, batchSize: 8 };
    const model = await client.model(
      [
        { type: 'Dense', outputSize: 8, inputSize: 4 },
        { type: 'ReLU' },
        { type: 'Dropout' },
        { type: 'Dense', outputSize: 3 },
      ],
      { loss: { type: 'SparseCategoricalCrossEntropy' }, optimizer: { type: 'Adam' }, seed: 5 },
    );
    const x = inputs();
    await model.train(x, labels(), options);
    const own = new lamella.Model(
      [
        new lamella.Dense(8, { inputSize: 4 }),
        new lamella.ReLU(),
        new lamella.Dropout(),
        new lamella.Dense(3),
      ],
      {
        loss: new lamella.SparseCategoricalCrossEntropy(),
        optimizer: new lamella.Adam(),
        seed: 5,
      },
    );
    await own.train(inputs(), labels(), options);
    const { data } = await model.predict(inputs());
    client.dispose();
    return {
      remote: Array.from(data),
      local: Array.from(own.predict(inputs()).toArray()),
      detached: x.length === 0,
      variant: client.runtimeInfo.variant === variant,
    };
  });
  expect(remote).toHaveLength(300);
  expect(remote).toEqual(local);
  expect([detached, variant]).toEqual([true, true]);
});

test('the page goes on during a step of the worker, and its abort stops that', async () => {
  const { turns, name, epochs, usable } = await page.evaluate(async () => {
    const { createWorkerClient } = await import('./worker-client.js');
    const client = await createWorkerClient();
    const model = await client.model(
      [
        { type: 'Convolutional', outputDepth: 16, kernelSize: 3, inputShape: [1, 28, 28] },
        { type: 'ReLU' },
        { type: 'Flatten' },
        { type: 'Dense', outputSize: 10 },
      ],
      { loss: { type: 'SparseCategoricalCrossEntropy' }, optimizer: { type: 'SGD' } },
    );
    const controller = new AbortController();
    let epochs = 0;
    const training = model
      .train(new Float32Array(2048 * 784), new Float32Array(2048), {
        epochs: 1e9,
        batchSize: 2048,
        signal: controller.signal,
        onEpoch: () => void epochs++,
      })
      .catch((error) => error);
    let turns = 0;
    while (epochs < 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      turns++;
    }
    controller.abort();
    const { name } = await training;
    const usable = await model.predict(new Float32Array(784));
    client.dispose();
    return { turns, name, epochs, usable: usable.shape };
  });
  expect(name).toBe('AbortError');
  expect(epochs).toBeLessThan(4);
  // In the page itself there would be none while a step of half a second runs.
  expect(turns).toBeGreaterThan(5);
  expect(usable).toEqual([1, 10]);
});

test('errors keep their class and both stacks; a worker that cannot be loaded says so', async () => {
  const found = await page.evaluate(async () => {
    const { ValueError, StateError } = await import('./index.js');
    const { createWorkerClient } = await import('./worker-client.js');
    const client = await createWorkerClient();
    const error = await client
      .model([{ type: 'Dense', outputSize: 0, inputSize: 1 }])
      .catch((thrown) => thrown);
    const under = client.tensor(new Float32Array(10)).catch((thrown) => thrown);
    client.dispose();
    const ended = await under;
    const missing = await createWorkerClient({
      worker: new globalThis.Worker(new URL('no-such-worker.js', globalThis.location.href), {
        type: 'module',
      }),
    }).catch((thrown) => thrown);
    return {
      kinds: [error instanceof ValueError, ended instanceof StateError],
      stack: error.stack,
      missing: [missing instanceof StateError, missing.message],
    };
  });
  expect(found.kinds).toEqual([true, true]);
  expect(found.stack).toMatch(/worker-client\.js[^]*in the worker: /);
  expect(found.missing[0]).toBe(true);
  expect(found.missing[1]).toMatch(/^WorkerClient: the worker failed: /);
});

test('a worker of one’s own that the page terminates leaves no promise pending', async () => {
  const found = await page.evaluate(async () => {
    const { StateError } = await import('./index.js');
    const { createWorkerClient } = await import('./worker-client.js');
    const worker = new globalThis.Worker(new URL('worker.js', globalThis.location.href), {
      type: 'module',
    });
    const client = await createWorkerClient({ worker });
    const model = await client.model([{ type: 'Dense', outputSize: 1, inputSize: 1 }], {
      loss: { type: 'MSE' },
      optimizer: { type: 'SGD' },
    });
    const training = model.train([[1]], [[1]], { epochs: 1e9 }).catch((error) => error);
    worker.terminate();
    const late = new Promise((resolve) => setTimeout(resolve, 10_000, 'pending'));
    const ended = await Promise.race([training, late]);
    const next = await client.tensor([1]).catch((error) => error);
    return {
      kinds: [ended instanceof StateError, next instanceof StateError],
      message: ended.message,
      disposed: client.disposed,
    };
  });
  expect(found).toEqual({
    kinds: [true, true],
    message: 'WorkerClient: the worker failed: it was terminated',
    disposed: true,
  });
});
