// The worker client over Node's worker_threads; tests/browser/worker.test.mjs has it in browsers.
import { Worker } from 'node:worker_threads';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  Adam,
  ArgumentTypeError,
  CategoricalCrossEntropy,
  CosineDecay,
  Dense,
  Dropout,
  type EpochResult,
  FormatError,
  LamellaError,
  loadCheckpoint,
  Model,
  MSE,
  ReLU,
  Residual,
  runtimeInfo,
  saveCheckpoint,
  ShapeError,
  StateError,
  tensor,
  ValueError,
} from 'lamella';
import { createWorkerClient, type RemoteModel, serve } from 'lamella/worker';
import { expectRejection, numbers, rejection, runInNode } from './support.js';
import { useClient } from './use-client.js';

const shared = useClient();

const layers = [
  { type: 'Dense', outputSize: 8, inputSize: 4 },
  { type: 'ReLU' },
  { type: 'Dropout', probability: 0.2 },
  { type: 'Dense', outputSize: 3 },
] as const;

const options = {
  loss: { type: 'CategoricalCrossEntropy' },
  optimizer: { type: 'Adam', learningRate: 0.01 },
  seed: 7,
} as const;

/** The same model on this side. */
function inProcess(): Model {
  return new Model([new Dense(8, { inputSize: 4 }), new ReLU(), new Dropout(0.2), new Dense(3)], {
    loss: new CategoricalCrossEntropy(),
    optimizer: new Adam({ learningRate: 0.01 }),
    seed: 7,
  });
}

const samples = 40;
const inputs = () => numbers(4 * samples);
const expected = () =>
  Float32Array.from({ length: 3 * samples }, (_, i) => (i % 3 === Math.floor(i / 3) % 3 ? 1 : 0));

const bytesOf = (numbers: Float32Array) => Array.from(new Uint32Array(numbers.slice().buffer));

/** Bits of all parameters, by place and name. */
async function remoteBits(model: RemoteModel): Promise<Record<string, number[]>> {
  const all: Record<string, number[]> = {};
  for (const i of model.layerTable().keys()) {
    for (const [name, { data }] of Object.entries(await model.params(i))) {
      all[`${String(i)} ${name}`] = bytesOf(data);
    }
  }
  return all;
}

function bits(model: Model): Record<string, number[]> {
  return Object.fromEntries(
    model.layers.flatMap((layer, i) =>
      Object.entries(layer.params).map(([name, { value }]) => [
        `${String(i)} ${name}`,
        bytesOf(value.toArray()),
      ]),
    ),
  );
}

const withoutTimes = (results: readonly EpochResult[]) =>
  results.map(({ seconds, samplesPerSecond, ...rest }) => {
    expect(seconds).toBeGreaterThan(0);
    expect(samplesPerSecond).toBeGreaterThan(0);
    return rest;
  });

test('a model in the worker becomes bit for bit the one in this process', async () => {
  using local = inProcess();
  using remote = await shared.client.model(layers, options);
  expect(remote.summary()).toBe(local.summary());
  expect(remote.layerTable()).toEqual(local.layerTable());
  expect([remote.inputShape, remote.outputShape, remote.parameterCount]).toEqual([[4], [3], 67]);
  const training = { epochs: 5, batchSize: 7, validationSplit: 0.2 };
  const ownResults = await local.train(inputs(), expected(), {
    ...training,
    schedule: new CosineDecay({ initial: 0.1, steps: 20 }),
  });
  const results = await remote.train(inputs(), expected(), {
    ...training,
    schedule: { type: 'CosineDecay', initial: 0.1, steps: 20 },
    metrics: [{ type: 'Accuracy' }, { type: 'TopKAccuracy', k: 3 }],
  });
  expect(withoutTimes(results)).toMatchObject(withoutTimes(ownResults));
  expect(results.map(({ metrics }) => metrics?.['Top3Accuracy'])).toEqual([1, 1, 1, 1, 1]);
  expect(await remoteBits(remote)).toEqual(bits(local));
  const { shape, data } = await remote.predict(inputs());
  expect(shape).toEqual([samples, 3]);
  expect(bytesOf(data)).toEqual(bytesOf(local.predict(inputs()).toArray()));
  expect(await remote.evaluate(inputs(), expected())).toEqual(local.evaluate(inputs(), expected()));
  const profile = await remote.profile(
    await shared.client.tensor(inputs(), [samples, 4]),
    await shared.client.tensor(expected(), [samples, 3]),
  );
  expect(profile.map(({ type }) => type)).toEqual(['Dense', 'ReLU', 'Dropout', 'Dense']);
});

test('layer, loss, optimizer and schedule objects describe themselves', async () => {
  const make = () => [new Residual([new Dense(4, { inputSize: 4 }), new ReLU()]), new Dense(3)];
  using local = new Model(make(), { loss: new MSE(), optimizer: new Adam(), inputShape: [4] });
  using remote = await shared.client.model(make(), {
    loss: new MSE(),
    optimizer: new Adam(),
    inputShape: [4],
  });
  const schedule = new CosineDecay({ initial: 0.1, steps: 20 });
  await local.train(inputs(), expected(), { schedule });
  await remote.train(inputs(), expected(), { schedule });
  expect(await remoteBits(remote)).toEqual(bits(local));
});

test('data sent once serves many calls, a step at a time as well', async () => {
  using x = await shared.client.tensor(inputs(), [samples, 4]);
  using y = await shared.client.tensor(expected(), [samples, 3]);
  expect([x.shape, x.size]).toEqual([[samples, 4], 4 * samples]);
  using local = inProcess();
  using remote = await shared.client.model(layers, options);
  for (let step = 0; step < 3; step++) {
    const own = local.trainBatch(tensor(inputs(), [samples, 4]), tensor(expected(), [samples, 3]));
    expect(await remote.trainBatch(x, y)).toEqual(own);
  }
  expect(bytesOf(await x.toArray())).toEqual(bytesOf(inputs()));
  x.dispose();
  await expectRejection(() => remote.predict(x), StateError, 'RemoteTensor: used after dispose()');
});

test('typed arrays are transferred, unless they are to be kept or show a part', async () => {
  using model = await shared.client.model(layers, options);
  const x = inputs();
  await model.predict(x, { copy: true });
  expect(x).toHaveLength(4 * samples);
  const part = inputs().subarray(0, 8);
  await model.predict(part);
  expect(part).toHaveLength(8);
  await model.predict(x);
  expect([x.length, x.buffer.byteLength]).toEqual([0, 0]);
  await expectRejection(() => model.predict(x), StateError, 'predict: x is empty', 'copy: true');
});

test('files cross both ways, and training goes on exactly', async () => {
  using remote = await shared.client.model(layers, options);
  await remote.train(inputs(), expected(), { epochs: 2 });
  using local = await loadCheckpoint(await remote.saveCheckpoint());
  await local.train(inputs(), expected(), { epochs: 2 });
  await remote.train(inputs(), expected(), { epochs: 2 });
  expect(await remoteBits(remote)).toEqual(bits(local));
  const file = await saveCheckpoint(local);
  using again = await shared.client.loadCheckpoint(file);
  expect(file.length).toBeGreaterThan(0);
  expect(await remoteBits(again)).toEqual(bits(local));
  using weights = await shared.client.loadNpz(await remote.saveNpz());
  expect(await remoteBits(weights)).toEqual(bits(local));
  using fresh = await shared.client.model(layers, { ...options, seed: 8 });
  expect(await remoteBits(fresh)).not.toEqual(bits(local));
  await fresh.loadSafetensors(await remote.saveSafetensors());
  expect(await remoteBits(fresh)).toEqual(bits(local));
});

test('progress: every epoch in turn, awaited; batches not more often than a page paints', async () => {
  using model = await shared.client.model(layers, options);
  const seen: number[] = [];
  const batches: number[] = [];
  let files = 0;
  const start = performance.now();
  const results = await model.train(inputs(), expected(), {
    epochs: 20,
    batchSize: 1,
    onBatch: ({ epoch, batch, batches: all }) => {
      expect(all).toBe(samples);
      batches.push((epoch - 1) * all + batch);
    },
    onEpoch: async ({ epoch }) => {
      // A checkpoint in the middle, while the training waits for it.
      if (epoch % 10 === 0) files += Math.sign((await model.saveCheckpoint()).length);
      seen.push(epoch);
    },
  });
  expect(seen).toEqual(results.map(({ epoch }) => epoch));
  expect(files).toBe(2);
  expect(batches.length).toBeGreaterThan(0);
  // The last one of each epoch, however soon it comes, and those between.
  expect(batches.filter((batch) => batch % samples === 0)).toHaveLength(20);
  expect(batches.length).toBeLessThanOrEqual((performance.now() - start) / (1000 / 60) + 1 + 20);
  expect(batches).toEqual([...batches].sort((a, b) => a - b));
});

test('an abort stops within a batch, with its own reason; the model stays usable', async () => {
  using model = await shared.client.model(layers, options);
  const controller = new AbortController();
  const reason = { because: 'enough' };
  let batches = 0;
  const training = model.train(inputs(), expected(), {
    epochs: 1e9,
    batchSize: 1,
    signal: controller.signal,
    onBatch: () => {
      if (++batches === 2) controller.abort(reason);
    },
  });
  expect(() => model.dispose()).toThrow(StateError);
  await expectRejection(() => model.train([], []), StateError, 'being trained already');
  // Others get their turn in between.
  expect((await model.predict([[1, 2, 3, 4]])).shape).toEqual([1, 3]);
  expect(await rejection(() => training)).toBe(reason);
  expect(batches).toBeLessThan(5);
  await model.train(inputs(), expected(), { resume: true, batchSize: 1 });
  expect(
    await rejection(() => model.train(inputs(), expected(), { signal: AbortSignal.abort(reason) })),
  ).toBe(reason);
});

test('what a callback throws stops the training and is what it rejects with', async () => {
  using model = await shared.client.model(layers, options);
  const mine = new Error('mine');
  const fail = () => {
    throw mine;
  };
  expect(
    await rejection(() => model.train(inputs(), expected(), { epochs: 1e9, onBatch: fail })),
  ).toBe(mine);
  expect(await rejection(() => model.train(inputs(), expected(), { onEpoch: fail }))).toBe(mine);
  expect(await model.train(inputs(), expected())).toHaveLength(1);
});

test('what is asked after weights were sent is answered with those', async () => {
  const sources = { ...options, seed: 9 };
  using same = await shared.client.model(layers, sources);
  const weights = await same.saveSafetensors();
  // Whose worker has loaded nothing about files yet.
  using fresh = await createWorkerClient({ variant: runtimeInfo().variant });
  using model = await fresh.model(layers, options);
  const [, { data }] = await Promise.all([model.loadSafetensors(weights), model.predict(inputs())]);
  expect(data).toEqual((await same.predict(inputs())).data);
});

test('errors cross with class, message, entry, cause and the stacks of both sides', async () => {
  const value = await expectRejection(
    () => shared.client.model([{ type: 'Dense', outputSize: -1 }]),
    ValueError,
    'Dense: outputSize must be a whole number of at least 1, got -1',
  );
  expect(value).toBeInstanceOf(LamellaError);
  expect(value.name).toBe('ValueError');
  expect(value.stack).toMatch(/worker\.test\.ts[^]*in the worker: ValueError[^]*\/dist\//);
  await expectRejection(
    () =>
      shared.client.model(layers, { ...options, optimizer: { type: 'Adam', learningRate: -1 } }),
    ValueError,
    'learningRate',
  );
  const format = await expectRejection(
    () => shared.client.loadCheckpoint(new Uint8Array([1, 2, 3])),
    FormatError,
  );
  const own = (await rejection(() => loadCheckpoint(new Uint8Array([1, 2, 3])))) as FormatError;
  expect(format).toMatchObject({ message: own.message, entry: own.entry });
  using model = await shared.client.model(layers, options);
  await expectRejection(() => model.predict(new Float32Array(5)), ShapeError, 'multiple of 4');
  await expectRejection(() => model.params(9), ValueError, 'from 0 to 3, got 9');
  await expectRejection(
    // @ts-expect-error -- no such metric
    () => model.evaluate(inputs(), expected(), { metrics: [{ type: 'Nothing' }] }),
    ValueError,
    'Nothing',
    'Precision',
  );
  // @ts-expect-error -- a tensor of this side
  await expectRejection(() => model.predict(tensor([1])), ArgumentTypeError, 'RemoteTensor');
  // @ts-expect-error -- no description
  await expectRejection(() => shared.client.model([7]), ArgumentTypeError, 'layer 0', 'got 7');
  await expectRejection(
    // @ts-expect-error -- an option of another layer
    () => shared.client.model([{ type: 'ReLU', alpha: 1 }]),
    ValueError,
    'alpha',
  );
  await expectRejection(
    // @ts-expect-error -- a layer that this worker does not have
    () => shared.client.model([{ type: 'Scale', factor: 2 }]),
    ValueError,
    'Scale',
    'registerLayer',
  );
  await expectRejection(
    // @ts-expect-error -- no such variant
    () => createWorkerClient({ variant: 'fast' }),
    ArgumentTypeError,
    "got 'fast'",
  );
  // @ts-expect-error -- no worker
  await expectRejection(() => createWorkerClient({ worker: {} }), ArgumentTypeError, 'Worker');
  await expectRejection(() => serve(), StateError, 'in a worker only');
});

test('a tensor of another client is refused', async () => {
  using other = await createWorkerClient();
  const x = await other.tensor([[1, 2, 3, 4]]);
  using model = await shared.client.model(layers, options);
  await expectRejection(() => model.predict(x), ArgumentTypeError, 'of another client');
});

test('disposal of a client rejects what is under way and what comes later', async () => {
  const own = await createWorkerClient();
  const model = await own.model(layers, options);
  const training = model.train(inputs(), expected(), { epochs: 1e9 });
  own.dispose();
  own.dispose();
  expect(own.disposed).toBe(true);
  await expectRejection(() => training, StateError, 'WorkerClient: used after dispose()');
  await expectRejection(() => model.predict([[1, 2, 3, 4]]), StateError, 'used after dispose()');
  await expectRejection(() => own.model(layers), StateError, 'used after dispose()');
  model.dispose();
  expect(model.disposed).toBe(true);
});

interface Scale {
  readonly type: 'Scale';
  readonly factor: number | 'alive';
}

/** A client of a worker with layers of its own. */
const withScale = () =>
  createWorkerClient<Scale | { readonly type: 'Difference' }>({
    worker: new Worker(join(import.meta.dirname, '../fixtures/workers/scale.mjs')),
  });

test('a worker of one’s own has layers and losses of one’s own', async () => {
  using own = await withScale();
  using model = await own.model(
    [
      { type: 'Scale', factor: 3 },
      { type: 'Dense', outputSize: 1 },
    ],
    { loss: { type: 'Difference' }, optimizer: { type: 'SGD' }, inputShape: [2] },
  );
  const [before] = (await model.predict([[1, 1]])).data;
  await model.train([[1, 1]], [[0]], { epochs: 3 });
  const [after] = (await model.predict([[1, 1]])).data;
  // The loss pulls the output down.
  expect(after).toBeLessThan(before as number);
  using broken = await own.model([{ type: 'Scale', factor: 0 }], { inputShape: [2] });
  const error = await rejection(() => broken.predict([[1, 1]]));
  expect(error).toBeInstanceOf(RangeError);
  expect((error as Error).message).toContain('factor 0');
});

test('dispose() and the garbage collector free in the worker', async () => {
  const folder = JSON.stringify(join(import.meta.dirname, '..'));
  const alive = await runInNode(
    `
    const { Worker } = await import('node:worker_threads');
    const { createWorkerClient } = await import(${folder} + '/../dist/worker-client.js');
    const client = await createWorkerClient({
      worker: new Worker(${folder} + '/fixtures/workers/scale.mjs', { execArgv: [] }),
    });
    const make = (factor) => client.model([{ type: 'Scale', factor }], { inputShape: [1] });
    const counter = await make('alive');
    const alive = async () => (await counter.predict([[0]])).data[0];
    const kept = await make(1);
    const counts = [await alive()];
    kept.dispose();
    kept.dispose();
    counts.push(await alive());
    for (let i = 0; i < 20; i++) await make(1);
    counts.push(await alive());
    // Finalizers run some time after a collection; a minute is more than enough.
    for (let i = 0; i < 600 && (await alive()) > 2; i++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    report([...counts, await alive()]);
    `,
    ['--expose-gc'],
  );
  expect(alive).toEqual([2, 1, 21, expect.any(Number)]);
  // The last one made may still be on the stack.
  expect((alive as number[])[3]).toBeLessThanOrEqual(2);
});

test('a worker that ends or breaks rejects everything, and says so', async () => {
  const own = await withScale();
  using model = await own.model([{ type: 'Scale', factor: -1 }], { inputShape: [1] });
  const [first, second] = [model.predict([[1]]), own.tensor([1])];
  await expectRejection(() => first, StateError, 'the worker failed: it ended with code 7');
  await expectRejection(() => second, StateError, 'the worker failed');
  await expectRejection(() => own.tensor([1]), StateError, 'the worker failed');
  expect(own.disposed).toBe(true);
  const cause = await expectRejection(
    () => createWorkerClient({ worker: new Worker('throw new TypeError("bug")', { eval: true }) }),
    StateError,
    'the worker failed',
    'bug',
  );
  expect((cause.cause as Error).name).toBe('TypeError');
});
