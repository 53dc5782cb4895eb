// Several threads in Node. Each test has a process of its own: an engine's threads stay as they are.
import { expect, test } from '@jest/globals';
import { runInNode } from './support.js';

/** Defines `weights()`: a hash of a small network's weights after training, large enough to share. */
const train = `
  import { createHash } from 'node:crypto';
  import { Adam, CategoricalCrossEntropy, Convolutional, Dense, Flatten, init, MaxPooling2D, Model,
           oneHot, ReLU, runtimeInfo, tensor } from 'lamella';
  const weights = async () => {
    const model = new Model([
      new Convolutional(8, 3, { inputShape: [1, 28, 28], padding: 'same' }), new ReLU(),
      new Convolutional(16, 3, { padding: 'same' }), new ReLU(), new MaxPooling2D(2),
      new Flatten(), new Dense(64), new ReLU(), new Dense(10),
    ], { loss: new CategoricalCrossEntropy(), optimizer: new Adam(), seed: 3 });
    const pixels = Float32Array.from({ length: 96 * 784 }, (_, i) => Math.fround(Math.sin(i * i)));
    const x = tensor(pixels, [96, 1, 28, 28]);
    const y = oneHot(Array.from({ length: 96 }, (_, i) => i % 10), 10);
    await model.train(x, y, { epochs: 2, batchSize: 32 });
    const hash = createHash('sha256');
    for (const layer of model.layers)
      for (const { value } of Object.values(layer.params)) hash.update(value.toArray());
    return hash.digest('hex');
  };`;

test('give the same bits, whatever their number, as the variant without', async () => {
  const [single, ...hashes] = await Promise.all(
    [
      "{ variant: 'simd' }",
      "{ variant: 'threads', threads: 1 }",
      "{ variant: 'threads', threads: 2 }",
      "{ variant: 'threads', threads: 5 }",
    ].map(async (options) =>
      runInNode(
        `${train} await init(${options}); report([await weights(), runtimeInfo().threads])`,
      ),
    ),
  );
  const [hash] = single as [string, number];
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(hashes).toEqual([
    [hash, 1],
    [hash, 2],
    [hash, 5],
  ]);
});

test('are there when asked for, and say so', async () => {
  const info = await runInNode(`${train} await init({ threads: 3 }); report(runtimeInfo())`);
  expect(info).toMatchObject({ variant: expect.stringMatching(/threads$/), threads: 3 });
});

test("are as many as the machine's cores, at most 8, for 'auto'", async () => {
  const info = await runInNode(`
    import { init } from 'lamella';
    Object.defineProperty(globalThis, 'navigator', { value: { hardwareConcurrency: 100 } });
    report(await init({ threads: 'auto' }))`);
  expect(info).toMatchObject({ threads: 8 });
});

// The process of runInNode ends by itself, or the tests above would time out.
test('do without where there is no shared memory, and say why', async () => {
  const result = await runInNode(`${train}
    delete globalThis.SharedArrayBuffer;
    const info = await init({ threads: 4 });
    report([info, (await weights()).length])`);
  expect(result).toEqual([
    {
      variant: expect.stringMatching(/^(simd|relaxed)$/),
      threads: 1,
      reason: expect.stringContaining('one thread: no shared memory'),
    },
    64,
  ]);
});

test("do without on a page's main thread, which must not wait", async () => {
  const info = await runInNode(`
    globalThis.window = globalThis;
    const { init } = await import('lamella');
    report(await init({ threads: 4 }))`);
  expect(info).toMatchObject({ threads: 1, reason: expect.stringContaining('lamella/worker') });
});

test('do without where memory or workers are refused, and say why', async () => {
  const info = await runInNode(`
    import { init } from 'lamella';
    const { Memory } = WebAssembly;
    WebAssembly.Memory = class extends Memory {
      constructor(wanted) {
        if (wanted.shared) throw new RangeError('could not allocate memory');
        super(wanted);
      }
    };
    report(await init({ threads: 4 }))`);
  expect(info).toMatchObject({
    variant: expect.stringMatching(/^(simd|relaxed)$/),
    threads: 1,
    reason: expect.stringContaining('could not allocate memory'),
  });
});

test.each([
  ["{ variant: 'threads' }", /^UnsupportedError: init: variant 'threads' needs shared memory/],
  ["{ variant: 'simd', threads: 2 }", /^ValueError: init: variant 'simd' has one thread, got thr/],
  ['{ threads: 0 }', /^ValueError: init: threads must be 'auto' or a whole number from 1 to 64/],
  ['{ threads: 2.5 }', /^ValueError: .*got 2.5/],
  ['{ threads: NaN }', /^ValueError: .*got NaN/],
  ["{ threads: 'many' }", /^ArgumentTypeError: .*got 'many'/],
])('init(%s) is an error where they cannot be', async (options, message) => {
  const error = await runInNode(`
    import { init } from 'lamella';
    delete globalThis.SharedArrayBuffer;
    report(await init(${options}).then(() => 'no error', (e) => e.name + ': ' + e.message))`);
  expect(error).toMatch(message);
});
