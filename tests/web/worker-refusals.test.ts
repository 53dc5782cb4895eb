// The worker client refuses by a typed error, before any memory goes to the worker; and
// whatever the worker throws arrives.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect, jest, test } from '@jest/globals';
import * as lamella from 'lamella';
import { ArgumentTypeError, LamellaError, ShapeError, StateError, ValueError } from 'lamella';
import { ArrayDataset, createWorkerClient, type LayerDescription } from 'lamella/worker';
import { type ErrorClass, expectRejection, numbers, rejection } from './support.js';
import { useClient } from './use-client.js';

const shared = useClient();

const dense = { type: 'Dense', outputSize: 1, inputSize: 2 } as const;
const trained = { loss: { type: 'MSE' }, optimizer: { type: 'SGD' } } as const;

test('options that nobody knows', async () => {
  const refused = (body: () => Promise<unknown>, call: string) =>
    expectRejection(body, ValueError, `${call}: unknown option 'colour'`, 'known are: ');
  const colour = { colour: 1 } as object;
  await refused(() => createWorkerClient(colour), 'createWorkerClient');
  await refused(() => shared.client.model([dense], colour), 'WorkerClient.model');
  const x = numbers(4);
  const y = numbers(2);
  await refused(() => shared.client.tensor(x, [2, 2], colour), 'WorkerClient.tensor');
  using model = await shared.client.model([dense], trained);
  await refused(() => model.train(x, y, colour), 'RemoteModel.train');
  await refused(() => model.evaluate(x, y, colour), 'RemoteModel.evaluate');
  await refused(() => model.predict(x, colour), 'RemoteModel.predict');
  using a = await shared.client.tensor([[1, 2]]);
  using b = await shared.client.tensor([[1]]);
  await refused(() => model.profile(a, b, colour), 'RemoteModel.profile');
  await expectRejection(() => model.train(x, y, 5 as never), ArgumentTypeError, 'train: options');
  expect([x.length, y.length]).toEqual([4, 2]);
});

test('parts that are none, falsy ones included, take nothing along', async () => {
  const refused = (body: () => Promise<unknown>, ...parts: string[]) =>
    expectRejection(body, ArgumentTypeError, ...parts);
  for (const nothing of [null, 0, '', false]) {
    const part = nothing as never;
    await refused(() => shared.client.model([dense], { loss: part }), 'WorkerClient.model: loss');
    await refused(() => shared.client.model([dense], { optimizer: part }), 'optimizer');
  }
  using model = await shared.client.model([dense], trained);
  const x = numbers(4);
  const y = numbers(2);
  for (const junk of [5, 0, '', {}, [null]]) {
    const metrics = junk as never;
    await refused(() => model.train(x, y, { metrics }), 'RemoteModel.train: metric');
    await refused(() => model.evaluate(x, y, { metrics }), 'RemoteModel.evaluate: metric');
  }
  for (const junk of [5, 0, null, {}]) {
    await refused(() => model.train(x, y, { schedule: junk as never }), 'train: schedule');
    await refused(() => model.train(x, y, { validationData: junk as never }), 'validationData');
  }
  await refused(() => model.predict(x, { copy: 'no' as never }), 'predict: copy must be true or');
  await refused(() => model.train(x, 5 as never), 'RemoteModel.train: y');
  expect([x.length, y.length]).toEqual([4, 2]);
});

test('types, names and numbers of samples are refused before anything goes there', async () => {
  using model = await shared.client.model([dense], trained);
  using row = await shared.client.tensor([[1]]);
  const [x, y, three] = [numbers(4), numbers(2), numbers(3)];
  const data = new ArrayDataset({ x: new Uint8Array(4), y: new Uint8Array(2), length: 2 });
  const kept = async (ErrorType: ErrorClass, part: string, calls: (() => Promise<unknown>)[]) => {
    for (const call of calls) await expectRejection(call, ErrorType, part);
    const lengths = [x, y, three, data.x, data.y].map(({ length }) => length);
    expect(lengths).toEqual([4, 2, 3, 4, 2]);
  };
  const metrics = [{ type: 'Acuracy' } as never];
  await kept(ValueError, "unknown metric type 'Acuracy'; known are: ", [
    () => model.train(x, y, { metrics }),
    () => model.train(data, { metrics }),
    () => model.train([[1, 2]], [[1]], { metrics, validationData: { x, y } }),
    () => model.evaluate(x, y, { metrics }),
  ]);
  const schedule = { type: 'Cosine' } as never;
  await kept(ValueError, "unknown schedule type 'Cosine'", [() => model.train(x, y, { schedule })]);
  const wrong = 'RemoteModel.predict: x must hold a multiple of 2 numbers (samples of [2]), got 3';
  await kept(ShapeError, wrong, [() => model.predict(three)]);
  await kept(ShapeError, 'x and y must hold equally many samples of [2] and [1], got ', [
    () => model.evaluate(x, three),
    () => model.evaluate(x, numbers(6)),
    () => model.train(x, three),
    () => model.train(x, [[1]]),
    () => model.train(x, row),
    () => model.train([[1, 2]], y),
    () => model.train(x, y, { validationData: { x, y: three } }),
    () => model.train(new ArrayDataset({ x: new Uint8Array(4), y: data.y, length: 1 })),
  ]);
  const big = new BigInt64Array(4) as never;
  const view = new DataView(new ArrayBuffer(16)) as never;
  for (const junk of [big, view]) {
    await kept(ArgumentTypeError, 'must be nested arrays', [
      () => model.predict(junk),
      () => model.evaluate(x, junk),
      () => model.train(junk, y),
      () => shared.client.tensor(junk, [2, 2]),
    ]);
  }
  // Those that are right go there, and in the order of the calls.
  const evaluated = model.evaluate(x, y, { metrics: [{ type: 'MAE' }] });
  expect([x.length, y.length]).toEqual([0, 0]);
  const before = model.evaluate(numbers(4), numbers(2));
  await model.train(numbers(4), numbers(2), { epochs: 20 });
  expect((await evaluated).loss).toBe((await before).loss);
  const labels = { loss: { type: 'SparseCategoricalCrossEntropy' }, optimizer: trained.optimizer };
  using tagger = await shared.client.model(
    [{ type: 'Dense', outputSize: 3, inputShape: [4, 2] }],
    labels as never,
  );
  await tagger.train(numbers(8), new Uint8Array(4));
});

test('a client knows the types of metrics and schedules', async () => {
  using model = await shared.client.model([dense], trained);
  const typesOf = (Base: unknown): string[] =>
    Object.values(lamella)
      .filter((each) => (each as { prototype?: unknown }).prototype instanceof (Base as never))
      .map((each) => (each as unknown as { type: string }).type);
  for (const type of typesOf(lamella.Metric)) {
    const metrics = [{ type } as never];
    await model.evaluate([[1, 2]], [[1]], { metrics }).catch((error: unknown) => {
      expect(String(error)).not.toContain('unknown metric');
    });
  }
  for (const type of typesOf(lamella.Schedule)) {
    await model.train([[1, 2]], [[1]], { schedule: { type } as never }).catch((error: unknown) => {
      expect(String(error)).not.toContain('unknown schedule');
    });
  }
  expect([typesOf(lamella.Metric).length, typesOf(lamella.Schedule).length]).toEqual([8, 3]);
});

test('an empty array has not gone anywhere; one that was sent has', async () => {
  using model = await shared.client.model([dense], trained);
  const empty = new Float32Array(0);
  await expectRejection(() => model.predict(empty, { copy: true }), ShapeError);
  await expectRejection(() => model.predict(empty), ShapeError);
  await expectRejection(() => model.predict(empty), StateError, 'went to the worker in an earlier');
});

test('files stay the caller’s', async () => {
  using model = await shared.client.model([dense], trained);
  const file = await model.saveNpz();
  using again = await shared.client.loadNpz(file);
  const weights = await again.saveSafetensors();
  await model.loadSafetensors(weights);
  expect(file.length).toBeGreaterThan(100);
  expect(weights.length).toBeGreaterThan(20);
  await expectRejection(() => model.loadSafetensors(5 as never), ArgumentTypeError, 'bytes');
  // Nothing hangs on a load that has failed.
  expect((await model.predict([[1, 2]])).shape).toEqual([1, 1]);
});

test('onBatch and onEpoch may be any function, as those of Model.train', async () => {
  using model = await shared.client.model([dense], trained);
  const seen: string[] = [];
  await model.train(numbers(4), numbers(2), { onBatch: () => seen.push('batch') });
  expect(seen).toEqual(['batch']);
});

const withFaults = () =>
  createWorkerClient<
    | { readonly type: 'Faulty'; readonly kind: string }
    | { readonly type: 'Block'; readonly size: number }
  >({ worker: new Worker(join(import.meta.dirname, '../fixtures/workers/scale.mjs')) });

test('whatever a worker throws arrives, and the worker lives on', async () => {
  using client = await withFaults();
  for (const [kind, wanted] of Object.entries({
    circle: 'in a circle',
    name: 'its name is a symbol',
    message: '',
    stack: 'its stack is a function',
    symbol: 'Symbol(thrown)',
    nothing: 'undefined',
    revoked: 'throws when it is looked at',
  })) {
    using model = await client.model([{ type: 'Faulty', kind }], { inputShape: [1] });
    const error = await rejection(() => model.predict([[1]]));
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toContain(wanted);
  }
});

test('a class of one’s own that makes a Residual leaves the places of frozen layers', async () => {
  using client = await withFaults();
  using model = await client.model(
    [
      { type: 'Block', size: 2 },
      { type: 'Dense', outputSize: 2, trainable: false },
      { type: 'Dense', outputSize: 1 },
    ],
    { ...trained, inputShape: [2] },
  );
  const flags = await Promise.all([0, 1, 2].map((layer) => model.trainable(layer)));
  expect(flags).toEqual([true, false, true]);
});

test('serve() whose other side cannot be loaded tells the client', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-serve-'));
  try {
    cpSync(join(import.meta.dirname, '../../dist'), folder, { recursive: true });
    for (const name of readdirSync(folder)) {
      if (/server-\w+\.js$/.test(name)) rmSync(join(folder, name));
    }
    const client = JSON.stringify(pathToFileURL(join(folder, 'worker-client.js')).href);
    // As on a page, where a promise that nobody waits for is no error of the worker.
    const script = `process.on('unhandledRejection', () => undefined);
      import(${client}).then(({ serve }) => serve());`;
    const worker = new Worker(script, { eval: true });
    await expectRejection(() => createWorkerClient({ worker }), StateError, 'the worker failed');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what is no number of samples or of passes is refused before memory goes', async () => {
  using model = await shared.client.model([dense], trained);
  const x = numbers(4);
  for (const batchSize of [0, 1.5, '3']) {
    const options = { batchSize: batchSize as number };
    expect(await rejection(() => model.predict(x, options))).toBeInstanceOf(LamellaError);
    expect(await rejection(() => model.evaluate(x, numbers(2), options))).toBeInstanceOf(
      LamellaError,
    );
  }
  expect(x).toHaveLength(4);
});

test('layers in one another without end, and lists of any length', async () => {
  let layer: LayerDescription = dense;
  for (let i = 0; i < 3000; i++) layer = { type: 'Residual', layers: [layer] };
  await expectRejection(() => shared.client.model([layer]), ValueError, 'nested 64 deep');
  const cyclic: LayerDescription[] = [];
  const getConfig = () => ({ type: 'Residual' });
  cyclic.push({ type: 'Residual', layers: cyclic, getConfig } as never);
  await expectRejection(() => shared.client.model(cyclic), ValueError, 'nested 64 deep');
  const empty = new Array<LayerDescription>(2 ** 32 - 1);
  await expectRejection(() => shared.client.model(empty), ArgumentTypeError, 'layer 0 must be');
});

test('a worker that says nothing is told of', async () => {
  const worker = new Worker('setInterval(() => undefined, 1000)', { eval: true });
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  jest.useFakeTimers();
  try {
    const silent = createWorkerClient({ worker });
    jest.advanceTimersByTime(10_000);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('must call serve()'));
    await worker.terminate();
    await expectRejection(() => silent, StateError, 'the worker failed: it ended');
  } finally {
    jest.useRealTimers();
    warn.mockRestore();
  }
});

test('errors about gradients name the call', async () => {
  using model = await shared.client.model([dense], trained);
  await expectRejection(() => model.gradients(-1), ValueError, 'RemoteModel.gradients: layer must');
  await expectRejection(() => model.params(7), ValueError, 'RemoteModel.params: layer must');
});

test('calls that take tensors of the worker take nothing else, and no memory', async () => {
  using model = await shared.client.model([dense], trained);
  for (const call of ['trainBatch', 'profile', 'outputs'] as const) {
    const [x, y] = [numbers(4), numbers(2)];
    for (const data of [x, [[1, 2]], undefined]) {
      await expectRejection(
        () => model[call](data as never, y as never),
        ArgumentTypeError,
        `RemoteModel.${call}: x must be a RemoteTensor`,
      );
    }
    expect([x.length, y.length]).toEqual([4, 2]);
  }
  using wide = await shared.client.tensor([[1, 2, 3]]);
  await expectRejection(() => model.outputs(wide), ShapeError, 'RemoteModel.outputs: x must have');
});

test('options out of range take no memory', async () => {
  using model = await shared.client.model([dense], trained);
  const [x, y] = [numbers(4), numbers(2)];
  const wrong: [object, ErrorClass, string][] = [
    [{ batchSize: -1 }, ValueError, 'batchSize'],
    [{ epochs: '1' }, ArgumentTypeError, 'epochs'],
    [{ shuffle: 1 }, ArgumentTypeError, 'shuffle'],
    [{ validationSplit: 1 }, ValueError, 'validationSplit'],
    [{ validationSplit: 0.5, validationData: { x, y } }, ValueError, 'takes validationData or'],
    [{ classWeights: ['a'] }, ValueError, 'classWeights[0]'],
    [{ patience: 0 }, ValueError, 'patience'],
    [{ onNonFinite: 'stop' }, ValueError, 'onNonFinite'],
    [{ resume: 1 }, ArgumentTypeError, 'resume'],
    [{ reportEvery: 0 }, ValueError, 'reportEvery'],
    [{ copy: 1 }, ArgumentTypeError, 'copy'],
    [{ signal: { throwIfAborted() {} } }, ArgumentTypeError, 'signal'],
    [{ schedule: 5 }, ArgumentTypeError, 'schedule'],
    [{ metrics: 5 }, ArgumentTypeError, 'metrics'],
  ];
  for (const [options, kind, message] of wrong) {
    await expectRejection(() => model.train(x, y, options), kind, `RemoteModel.train: ${message}`);
  }
  const shape = ['a'] as never;
  await expectRejection(() => shared.client.tensor(x, shape), ArgumentTypeError, 'shape[0]');
  await expectRejection(
    () => shared.client.tensor(x, [7, 7]),
    ShapeError,
    'wants 49 numbers, got 4',
  );
  expect([x.length, y.length]).toEqual([4, 2]);
});

test('an ArrayDataset with a gather of its own is gathered by it', async () => {
  class Doubled extends ArrayDataset {
    override gather(indices: Uint32Array, x: Float32Array, y: Float32Array): void {
      calls++;
      super.gather(indices, x, y);
    }
  }
  let calls = 0;
  const options = { x: numbers(4), y: numbers(2), length: 2 };
  const own = new ArrayDataset(options);
  own.gather = (indices, x, y) => {
    calls++;
    ArrayDataset.prototype.gather.call(own, indices, x, y);
  };
  using model = await shared.client.model([dense], trained);
  for (const dataset of [own, new Doubled(options)]) {
    calls = 0;
    await model.train(dataset, { validationData: dataset });
    expect(calls).toBe(2);
    expect(options.x).toHaveLength(4);
  }
});

test('the place of a layer deep inside others keeps its ends', async () => {
  let layer: object = { type: 'Dense', outputSize: 1, trainable: 'no' };
  for (let i = 0; i < 50; i++) layer = { type: 'Residual', layers: [layer] };
  const error = await rejection(() => shared.client.model([layer as LayerDescription]));
  expect(error).toBeInstanceOf(ArgumentTypeError);
  expect((error as Error).message).toMatch(
    /^WorkerClient\.model: layer 0: layers 0: .*…(.*: )?layers 0: trainable must be true or false, got 'no'$/,
  );
  expect((error as Error).message.length).toBeLessThan(150);
});
