// `npm run torture` has found these: each a kind of call that once trapped, hung, corrupted, or threw
// an error without a type or without an end.
import { setTimeout } from 'node:timers/promises';
import { beforeAll, expect, test } from '@jest/globals';
import {
  confusionMatrix,
  Convolutional,
  CosineDecay,
  Dense,
  im2col,
  init,
  LamellaError,
  Layer,
  layerFromConfig,
  layerToConfig,
  Model,
  MSE,
  oneHot,
  optimizerFromConfig,
  Residual,
  RMSE,
  scheduleFromConfig,
  SGD,
  Sigmoid,
  StepDecay,
  type Tensor,
  tensor,
  WarmUp,
  writeSafetensors,
  zeros,
} from 'lamella';
import { createWorkerClient, type RemoteModel, type WorkerClient } from 'lamella/worker';
import { rejection, runInNode } from './support.js';

beforeAll(() => init());

/** A wrong argument, for a parameter of any type. */
const wrong = (value: unknown): never => value as never;

const long = 'x'.repeat(5000);
const detached = (): Float32Array => {
  const array = new Float32Array(4);
  structuredClone(array, { transfer: [array.buffer] });
  return array;
};

test.each<[string, () => unknown]>([
  ['zeros', () => zeros(wrong(long))],
  ['Tensor.set', () => zeros([2]).set(wrong(long))],
  ['Model', () => new Model([new Dense(1)], { inputShape: wrong(long) })],
  ['im2col', () => im2col(zeros([1, 1, 4, 4]), 2, wrong(long))],
  ['a loss', () => new MSE().value(wrong(long), zeros([1]))],
  ['oneHot', () => oneHot(wrong(long), 2)],
  ['a layer', () => new Sigmoid({ inputShape: wrong(long) })],
  ['layerFromConfig', () => layerFromConfig({ type: 'Own' })],
  ['layerFromConfig of a long name', () => layerFromConfig({ type: long })],
  ['confusionMatrix', () => confusionMatrix(wrong(undefined), zeros([1, 2]))],
  ['a metric', () => new RMSE().compute(wrong(undefined), zeros([1]))],
  ['a metric of objects', () => new RMSE().compute(wrong({}), wrong({}))],
  ['Residual', () => new Residual(wrong(undefined))],
  ['Residual’s shortcut', () => new Residual([new Sigmoid()], { shortcut: wrong(5) })],
  ['writeSafetensors', () => writeSafetensors(wrong(undefined))],
  ['writeSafetensors of a list', () => writeSafetensors(wrong([1]))],
  ['writeSafetensors of numbers', () => writeSafetensors(new Map([['a', wrong(1)]]))],
  ['scheduleFromConfig', () => scheduleFromConfig(wrong(undefined))],
  ['optimizerFromConfig', () => optimizerFromConfig(wrong(undefined))],
  ['layerToConfig', () => layerToConfig(wrong(null))],
  ['tensor of a detached array', () => tensor(detached())],
  ...[Symbol('s'), 3n, detached()].map(
    (value) =>
      [
        `learningRate = ${Object.prototype.toString.call(value)}`,
        () => {
          new SGD().learningRate = wrong(value);
        },
      ] as [string, () => unknown],
  ),
])('%s takes a wrong argument with a typed, short error', async (_, call) => {
  const error = await rejection(async () => {
    await call();
  });
  expect(error).toBeInstanceOf(LamellaError);
  expect((error as Error).message.length).toBeLessThanOrEqual(300);
});

test('a list that holds itself is no nested array', async () => {
  // In a process of its own, since it once ended that.
  const name = await runInNode(`
    import { init, tensor } from 'lamella';
    await init();
    const list = [];
    list.push(list);
    try {
      tensor(list);
    } catch (error) {
      report(error.name);
    }`);
  expect(name).toBe('ShapeError');
});

test.each([
  [1, 1, 1000],
  [3, 1, 1000],
  [3, 3, 500],
  [3, 16, 256],
  [5, 2, 500],
])('gradient of a %i-wide kernel on %i channels of %i pixels squared', (kernel, depth, side) => {
  const layer = new Convolutional(1, kernel, { inputShape: [depth, side, side] });
  const fill = (size: number): Float32Array => new Float32Array(size).fill(0.7);
  const y = layer.forward(tensor(fill(depth * side ** 2), [1, depth, side, side]));
  layer.backward(tensor(fill(y.size), y.shape));
  const wanted = y.size * Math.fround(0.7) ** 2;
  for (const got of layer.params['kernels']?.gradient.toArray() ?? [])
    expect(Math.abs(got / wanted - 1)).toBeLessThan(1e-5);
  layer.dispose();
});

test('profile of a custom layer whose state has no setter', () => {
  class Counting extends Layer {
    readonly #count = tensor([0]);
    override get state(): Record<string, Tensor> {
      return { count: this.#count };
    }
    forward(input: Tensor): Tensor {
      return input.clone();
    }
    backward(gradient: Tensor): Tensor {
      return gradient.clone();
    }
  }
  const model = new Model([new Counting(), new Dense(1)], { inputShape: [2], loss: new MSE() });
  expect(model.profile(zeros([3, 2]), zeros([3, 1]), { repeats: 1 })).toHaveLength(2);
});

test.each<[string, (client: WorkerClient, model: RemoteModel) => Promise<unknown>]>([
  ['setTrainable of a detached array', (_, model) => model.setTrainable(0, wrong(detached()))],
  ['params of a detached array', (_, model) => model.params(wrong(detached()))],
  ['tensor of a detached shape', (client) => client.tensor([1, 2], wrong(detached()))],
  ['train without options', (_, model) => model.train([[1]], [[1]], wrong(null))],
  ['model without options', (client) => client.model([{ type: 'ReLU' }], wrong(null))],
  ['model of a long text', (client) => client.model(wrong([long]))],
  ['tensor of a long text', (client) => client.tensor(wrong(long))],
])('the worker client answers %s', async (_, call) => {
  const client = await createWorkerClient({ variant: 'simd' });
  try {
    const model = await client.model([{ type: 'Dense', outputSize: 1, inputSize: 1 }]);
    const late = setTimeout(5000, 'no answer', { ref: false });
    const error = await Promise.race([rejection(() => call(client, model)), late]);
    // The entries 'lamella' and 'lamella/worker' may have classes of their own.
    expect((error as Error).name).toMatch(/^(ArgumentType|Shape|State|Value)Error$/);
    expect((error as Error).message.length).toBeLessThanOrEqual(300);
  } finally {
    client.dispose();
  }
});

/** Fills 64 MB, and tries a call with ever more room. Prints the names of its errors. */
const nearTheEnd = (call: string): string => `
  import * as L from 'lamella';
  await L.init();
  const make = () => new L.Model(
    [new L.Dense(64, { inputSize: 64 }), new L.Dropout(0.5), new L.Dense(3)],
    { loss: new L.MSE(), optimizer: new L.Adam() },
  );
  const [x, y] = [L.zeros([8, 64]), L.zeros([8, 3])];
  x.set(x.toArray().map((_, i) => i % 7));
  const checkpoint = await L.saveCheckpoint(make());
  const results = [];
  for (let room = 0; room < 60; room++) {
    const [model, twin] = [make(), make()];
    const held = [];
    for (const size of [2 ** 22, 2 ** 16, 2 ** 10, 2 ** 4]) {
      try {
        for (;;) held.push(L.zeros([size]));
      } catch {}
    }
    for (let i = 0; i < room; i++) held.pop().dispose();
    const error = await (async () => { ${call} })().catch((error) => error);
    for (const each of held) each.dispose();
    if (error === undefined) break;
    const losses = [model, twin].map((each) => {
      each.trainBatch(x, y);
      return each.trainBatch(x, y).loss;
    });
    results.push(error.name + (losses[0] === losses[1] ? '' : ', and the model has changed'));
    for (const each of [model, twin]) each.dispose();
  }
  report([...new Set(results)]);`;

test.each<[string, string]>([
  ['loadCheckpoint', '(await L.loadCheckpoint(checkpoint)).dispose();'],
  ['profile', 'model.profile(x, y, { repeats: 1 });'],
])('%s without memory for it', async (_, call) => {
  const errors = await runInNode(nearTheEnd(call), ['--wasm-max-mem-pages=1024']);
  expect(errors).toEqual(['OutOfMemoryError']);
});

test.each([Infinity, -1, 0.5, NaN, '3', Symbol('s')])(
  'a rate after %p steps is an error',
  (steps) => {
    for (const schedule of [
      new StepDecay({ initial: 1, every: 2 }),
      new CosineDecay({ initial: 1, steps: 2 }),
      new WarmUp({ steps: 1, schedule: new StepDecay({ initial: 1, every: 2 }) }),
    ]) {
      expect(() => schedule.rate(wrong(steps))).toThrow(LamellaError);
    }
  },
);
