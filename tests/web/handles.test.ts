// Native objects that calls leave behind, counted where they are registered for the collector: by the
// package for its handles, by Emscripten for its own.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { init } from 'lamella';
import { runInNode } from './support.js';

beforeAll(() => init());

const counted = `
  let live = 0;
  const Registry = globalThis.FinalizationRegistry;
  globalThis.FinalizationRegistry = class extends Registry {
    register(...values) { live++; super.register(...values); }
    unregister(token) { const had = super.unregister(token); if (had) live--; return had; }
  };
  const lamella = await import('lamella');
  const {
    Accuracy, Adam, BatchNormalization, Dense, Dropout, init, Layer, Loss, MAE, Model, MSE, Residual,
    ReLU, tensor, Tensor, zeros, im2col, col2im, oneHot, Convolutional,
  } = lamella;
  await init({ variant: 'simd' });
  class Own extends Layer {
    fails = false;
    forward(input) {
      if (this.fails) throw new RangeError('mine');
      return tensor(input.toArray(), input.shape);
    }
    backward(gradient) { return tensor(gradient.toArray(), gradient.shape); }
  }
  class Squares extends Loss {
    fails = false;
    value(output) {
      if (this.fails) throw new RangeError('mine');
      return output.toArray().reduce((sum, value) => sum + value * value, 0);
    }
    gradient(output) { return tensor(output.toArray().map((value) => 2 * value), output.shape); }
  }
  class Failing extends MAE { compute() { throw new RangeError('mine'); } }
  const x = zeros([6, 3]), y = zeros([6, 2]);
  const list = (t) => t.toNestedArray();
  const make = () => {
    const own = new Own(), loss = new Squares();
    const layers = [
      new Dense(4, { inputSize: 3 }), new BatchNormalization(), own, new Residual([new Own()]),
      new Dropout(0.5), new Dense(2),
    ];
    return { own, loss, model: new Model(layers, { loss, optimizer: new Adam() }) };
  };
`;

describe('a call frees what it makes', () => {
  test.each<[string, string]>([
    ['predict', 'model.predict(x).dispose(); model.predict(list(x)).dispose();'],
    ['evaluate', 'model.evaluate(list(x), list(y), { metrics: [new MAE()] });'],
    ['trainBatch', 'model.trainBatch(x, y);'],
    [
      'train',
      `await model.train(list(x), list(y), { epochs: 2, batchSize: 4, restoreBest: true, shuffle: true,
        validationData: { x: list(x), y: list(y) }, metrics: [new MAE()] });`,
    ],
    ['profile', 'model.profile(x, y, { repeats: 2 });'],
    ['summary', 'model.summary(); model.layerTable(); model.parameterCount;'],
    [
      'saveNpz',
      'const bytes = await lamella.saveNpz(plain); (await lamella.loadNpz(bytes)).dispose();',
    ],
    [
      'saveCheckpoint',
      `await plain.train(x, y);
      const bytes = await lamella.saveCheckpoint(plain);
      (await lamella.loadCheckpoint(bytes)).dispose();`,
    ],
    [
      'safetensors',
      `const bytes = await lamella.saveSafetensors(model);
      await lamella.loadSafetensors(model, bytes);`,
    ],
    ['exportOnnx', 'await lamella.exportOnnx(plain);'],
    [
      'layers alone',
      `const dense = plain.layers[4];
      const output = dense.forward(zero), gradient = dense.backward(output);
      dense.loadParams({ biases: [[1, 2]] });
      dense.initWeights('he');
      const { params } = dense;
      adam.step([dense]);
      for (const { value, gradient } of Object.values(params)) [value, gradient].map((t) => t.dispose());
      [output, gradient, dense.weights, dense.biases].map((t) => t.dispose());`,
    ],
    [
      'state',
      'const norm = plain.layers[1]; const { state } = norm; norm.state = state; for (const t of Object.values(state)) t.dispose();',
    ],
    [
      'im2col',
      'const images = zeros([1, 1, 4, 4]), columns = im2col(images, 2, null); col2im(columns, [1, 1, 4, 4], [1, 1, 2, 2], 2, 2).dispose(); columns.dispose(); images.dispose();',
    ],
    ['make', 'const other = make(); other.model.trainBatch(x, y); other.model.dispose();'],
    // And when they fail.
    ['predict of other data', 'fails(() => model.predict([[1]]));'],
    ['predict that throws within', 'own.fails = true; fails(() => model.predict(list(x)));'],
    [
      'evaluate that throws within',
      'loss.fails = true; fails(() => model.evaluate(list(x), list(y)));',
    ],
    [
      'evaluate with a metric that throws',
      'fails(() => model.evaluate(list(x), list(y), { metrics: [new Failing()] }));',
    ],
    [
      'train with a metric that throws',
      'await rejects(model.train(list(x), list(y), { validationSplit: 0.5, metrics: [new Failing()] }));',
    ],
    ['train that throws within', 'own.fails = true; await rejects(model.train(list(x), list(y)));'],
    ['train with y that does not fit', 'await rejects(model.train(list(x), list(x)));'],
    [
      'train with a callback that throws',
      "await rejects(model.train(list(x), list(y), { onBatch: () => { throw new Error('mine'); } }));",
    ],
    ['train of NaN', 'await rejects(model.train(list(x).map(() => [NaN, 1, 1]), list(y)));'],
    ['profile that throws within', 'own.fails = true; fails(() => model.profile(x, y));'],
    [
      'tensor of what is none',
      'fails(() => tensor([[1], ["2"]])); fails(() => tensor([1, 2], [3]));',
    ],
    ['oneHot of no labels', 'fails(() => oneHot([5], 3));'],
    ['optimizer.step of no layers', 'fails(() => adam.step([plain.layers[4], 5]));'],
    [
      'loadParams of other shapes',
      'fails(() => plain.layers[0].loadParams({ biases: [[1, 1, 1, 1]], weights: [1] }));',
    ],
    [
      'a model of layers that do not fit',
      'const last = new Convolutional(1, 3); fails(() => new Model([own, new Own(), last], { inputShape: [7] })); last.dispose();',
    ],
    [
      'a layer that cannot be',
      "fails(() => new Dense('3')); const inner = new Dense(3); fails(() => new Residual([inner], { inputShape: [2] })); inner.dispose();",
    ],
    ['loadNpz of no file', 'await rejects(lamella.loadNpz(new Uint8Array(9)));'],
  ])('%s', async (_, call) => {
    const left = (await runInNode(`${counted}
      const fails = (body) => { try { body(); } catch (error) { return; } throw new Error('no error'); };
      const rejects = (promise) => promise.then(() => { throw new Error('no error'); }, () => undefined);
      const { own, loss, model } = make();
      const plain = new Model(
        [new Dense(4, { inputSize: 3 }), new BatchNormalization(), new ReLU(), new Dropout(0.5), new Dense(2)],
        { loss: new MSE(), optimizer: new Adam() },
      );
      const adam = new Adam(), zero = zeros([6, 4]);
      const run = async () => { ${call}; own.fails = loss.fails = false; };
      // The handles that custom classes hold between calls are there from the first on.
      await run();
      model.trainBatch(x, y);
      model.profile(x, y, { repeats: 1 });
      const before = live;
      for (let i = 0; i < 3; i++) await run();
      report(live - before);
    `)) as number;
    expect(left).toBe(0);
  });
});

test('a model with custom parts that is disposed of leaves nothing', async () => {
  const left = await runInNode(`${counted}
    const before = live;
    for (let i = 0; i < 5; i++) {
      const { model } = make();
      model.trainBatch(x, y);
      await model.train(x, y, { validationSplit: 0.5, metrics: [new MAE()] });
      model.dispose();
    }
    report(live - before);
  `);
  expect(left).toBe(0);
});

test('custom layers train in flat memory', async () => {
  const bytes = (await runInNode(`${counted}
    class Copying extends Layer {
      forward(input) { return input.clone(); }
      backward(gradient) { return gradient.clone(); }
    }
    const model = new Model([new Copying()], { inputShape: [2 ** 18], loss: new MSE(), optimizer: new Adam() });
    const data = zeros([4, 2 ** 18]);
    for (let i = 0; i < 300; i++) model.trainBatch(data, data);
    report(tensor([1]).view().buffer.byteLength);
  `)) as number;
  // Tensors of 4 MiB: a dozen are alive at a time, and 1200 are made.
  expect(bytes).toBeLessThan(128e6);
});
