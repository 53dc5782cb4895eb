// The worker client loads, exports and freezes as the API in this process; and nothing that is
// passed to it, thrown in it or done to its worker leaves a promise pending.
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from '@jest/globals';
import {
  ArgumentTypeError,
  BatchNormalization,
  Dense,
  exportOnnx,
  FormatError,
  loadCheckpoint,
  loadKeras,
  loadLayersModel,
  Model,
  ReLU,
  Residual,
  StateError,
  UnsupportedError,
  ValueError,
} from 'lamella';
import { createWorkerClient } from 'lamella/worker';
import { expectRejection, numbers, rejection } from '../support.js';
import { useClient } from '../use-client.js';
import { npy, zip } from './archive.js';

const shared = useClient();

const topology = {
  class_name: 'Sequential',
  config: {
    name: 's',
    layers: [
      {
        class_name: 'Dense',
        config: {
          name: 'd',
          units: 2,
          use_bias: false,
          trainable: false,
          batch_input_shape: [null, 2],
        },
      },
    ],
  },
};
const modelJson = JSON.stringify({
  modelTopology: topology,
  weightsManifest: [{ weights: [{ name: 'd/kernel', shape: [2, 2], dtype: 'float32' }] }],
});
const kernel = (): Uint8Array => new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);

test('models of TensorFlow.js and Keras', async () => {
  using local = await loadLayersModel(modelJson, [kernel()]);
  const expected = Array.from(local.predict([[1, 2]]).toArray());
  const shard = kernel();
  using remote = await shared.client.loadLayersModel(modelJson, [shard]);
  expect(shard).toHaveLength(16);
  expect(Array.from((await remote.predict([[1, 2]])).data)).toEqual(expected);
  expect(await remote.trainable(0)).toBe(false);
  const halves = [kernel().subarray(0, 10), kernel().subarray(10)];
  using kept = await shared.client.loadLayersModel(modelJson, halves);
  expect(halves.map(({ length }) => length)).toEqual([10, 6]);
  expect(kept.outputShape).toEqual([2]);

  const json = JSON.stringify(topology);
  const weights = zip([{ name: 'arr_0.npy', contents: npy('<f4', [2, 2], kernel()) }]);
  using fromKeras = await shared.client.loadKeras(json, weights);
  expect(Array.from((await fromKeras.predict([[1, 2]])).data)).toEqual(expected);
  using localKeras = await loadKeras(json, weights);
  expect(fromKeras.summary()).toBe(localKeras.summary());

  const graph = JSON.stringify({ format: 'graph-model', weightsManifest: [] });
  await expectRejection(
    () => shared.client.loadLayersModel(graph, []),
    UnsupportedError,
    'graph model',
  );
  await expectRejection(
    () => shared.client.loadLayersModel(modelJson, [new Uint8Array(1)]),
    FormatError,
    'd/kernel: ',
  );
  await expectRejection(
    // @ts-expect-error -- parsed JSON
    () => shared.client.loadLayersModel({}, []),
    ArgumentTypeError,
    'modelJson',
  );
  await expectRejection(
    // @ts-expect-error -- a single shard
    () => shared.client.loadLayersModel('', kernel()),
    ArgumentTypeError,
    'shards',
  );
  await expectRejection(
    // @ts-expect-error -- no bytes
    () => shared.client.loadKeras('', 'weights.npz'),
    ArgumentTypeError,
    'weights',
  );
});

test('ONNX, and states', async () => {
  const make = () => [new Dense(2, { inputSize: 3 }), new BatchNormalization()];
  using local = new Model(make(), { seed: 3 });
  using remote = await shared.client.model(make(), { seed: 3 });
  expect(await remote.exportOnnx()).toEqual(await exportOnnx(local));
  expect(Object.keys(await remote.state(1))).toEqual(['cache_m', 'cache_v']);
  await expectRejection(() => remote.state(2), ValueError, 'from 0 to 1, got 2');
});

test('frozen layers: of descriptions, of objects, and later', async () => {
  const block = new Residual([new Dense(2), new ReLU()]);
  (block.layers[0] as Dense).trainable = false;
  const last = new Dense(1);
  last.trainable = false;
  using model = await shared.client.model(
    [
      { type: 'Dense', outputSize: 2, inputSize: 2, trainable: false },
      { type: 'Residual', layers: [{ type: 'Dense', outputSize: 2 }], trainable: false },
      block,
      { type: 'Residual', layers: [{ type: 'Dense', outputSize: 2, trainable: false }] },
      last,
    ],
    { loss: { type: 'MSE' }, optimizer: { type: 'SGD', learningRate: 0.1 } },
  );
  const flags = async () => Promise.all([0, 1, 2, 3, 4].map((layer) => model.trainable(layer)));
  expect(await flags()).toEqual([false, false, true, true, false]);
  const weights = async () => Promise.all([0, 1, 2, 3, 4].map((layer) => model.params(layer)));
  const before = await weights();
  await model.train(numbers(8), numbers(4), { epochs: 2 });
  expect(await weights()).toEqual(before);
  await model.setTrainable(4, true);
  await model.setTrainable(1, true);
  expect(await flags()).toEqual([false, true, true, true, true]);
  await model.train(numbers(8), numbers(4));
  const after = await weights();
  expect(after.map((each, i) => JSON.stringify(each) === JSON.stringify(before[i]))).toEqual([
    true,
    false,
    true,
    true,
    false,
  ]);
  // A file takes it along.
  using local = await loadCheckpoint(await model.saveCheckpoint());
  expect(local.layers.map(({ trainable }) => trainable)).toEqual([false, true, true, true, true]);
  await expectRejection(() => model.setTrainable(9, true), ValueError, 'from 0 to 4');
  // @ts-expect-error -- no boolean
  await expectRejection(() => model.setTrainable(0, 'no'), ArgumentTypeError, 'trainable');
  await expectRejection(
    // @ts-expect-error -- no boolean
    () => shared.client.model([{ type: 'ReLU', trainable: 0 }], { inputShape: [1] }),
    ArgumentTypeError,
    'layer 0: trainable',
  );
});

test('what cannot be sent is a typed error that names the field', async () => {
  const refused = (make: () => Promise<unknown>, ...parts: string[]) =>
    expectRejection(make, ArgumentTypeError, ...parts);
  const model = (...layers: unknown[]) => shared.client.model(layers as never);
  await refused(
    () => model({ type: 'Dense', outputSize: () => 1 }),
    'WorkerClient.model: layers[0].outputSize',
  );
  await refused(
    () => model({ type: 'Residual', layers: [{ type: 'Dense', a: { b: [Symbol('s')] } }] }),
    'layers[0].layers[0].a.b[0]',
  );
  const inputShape = Promise.resolve([1]) as never;
  await refused(() => shared.client.model([{ type: 'ReLU' }], { inputShape }), 'inputShape');
  await refused(
    () => shared.client.tensor([1], (() => [1]) as never),
    'WorkerClient.tensor: shape',
  );
  await refused(() => createWorkerClient({ threads: (() => 1) as never }), 'threads');
  using trained = await shared.client.model([{ type: 'Dense', outputSize: 1, inputSize: 1 }], {
    loss: { type: 'MSE' },
    optimizer: { type: 'SGD' },
  });
  const train = (options: unknown) => trained.train([[1]], [[1]], options as never);
  await refused(() => train({ epochs: () => 1 }), 'RemoteModel.train: epochs');
  await refused(() => train({ onBatch: 5 }), 'onBatch must be a function');
  await refused(() => train({ signal: {} }), 'signal must be an AbortSignal');
  expect(await train({})).toHaveLength(1);
});

test('a callback that rejects, however late, is how the training ends', async () => {
  using model = await shared.client.model([{ type: 'Dense', outputSize: 1, inputSize: 1 }], {
    loss: { type: 'MSE' },
    optimizer: { type: 'SGD' },
  });
  const mine = new Error('mine');
  const late = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    throw mine;
  };
  // The training is over long before.
  expect(await rejection(() => model.train([[1]], [[1]], { onBatch: late }))).toBe(mine);
  expect(await rejection(() => model.train([[1]], [[1]], { epochs: 1e9, onBatch: late }))).toBe(
    mine,
  );
  expect(await rejection(() => model.train([[1]], [[1]], { onEpoch: late }))).toBe(mine);
  expect(await model.train([[1]], [[1]])).toHaveLength(1);
});

test('onBatch is called with the newest progress, one call after another', async () => {
  using model = await shared.client.model([{ type: 'Dense', outputSize: 1, inputSize: 1 }], {
    loss: { type: 'MSE' },
    optimizer: { type: 'SGD' },
  });
  let running = 0;
  let most = 0;
  const batches: number[] = [];
  await model.train(new Float32Array(20_000), new Float32Array(20_000), {
    batchSize: 1,
    onBatch: async ({ batch }) => {
      running += 1;
      most = Math.max(most, running);
      batches.push(batch);
      await new Promise((resolve) => setTimeout(resolve, 40));
      running -= 1;
    },
  });
  expect(most).toBe(1);
  expect(running).toBe(0);
  expect(batches).toEqual([...batches].sort((a, b) => a - b));
});

test('a worker that somebody terminates rejects what is under way', async () => {
  const worker = new Worker(join(import.meta.dirname, '../../../dist/worker.js'), { execArgv: [] });
  const own = await createWorkerClient({ worker });
  const model = await own.model([{ type: 'Dense', outputSize: 1, inputSize: 1 }], {
    loss: { type: 'MSE' },
    optimizer: { type: 'SGD' },
  });
  const training = model.train([[1]], [[1]], { epochs: 1e9 });
  void worker.terminate();
  await expectRejection(() => training, StateError, 'the worker failed');
  expect(own.disposed).toBe(true);
});
