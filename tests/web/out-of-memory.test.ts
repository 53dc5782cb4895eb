// In processes of their own, whose engines give WebAssembly 64 MB and no more.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { init } from 'lamella';
import { runInNode } from './support.js';

beforeAll(() => init());

const limit = ['--wasm-max-mem-pages=1024'];

const setUp = `
  import * as lamella from 'lamella';
  const { Adam, BatchNormalization, CategoricalCrossEntropy, Dense, Dropout, init, Model, ReLU } = lamella;
  const { tensor, zeros } = lamella;
  await init();
  const caught = (body) => {
    try {
      body();
      return 'nothing was thrown';
    } catch (error) {
      return error.name + ': ' + error.message;
    }
  };`;

describe('out of memory', () => {
  test('is a typed error that names the size, and the engine works after it', async () => {
    const result = await runInNode(
      `${setUp}
      const message = caught(() => zeros([5000, 5000]));
      const t = zeros([1000, 1000]);
      t.view().fill(1);
      report([message, t.clone().toArray().every((value) => value === 1)]);`,
      limit,
    );
    expect(result).toEqual([
      expect.stringMatching(/^OutOfMemoryError: out of memory: .*25000000 .*95\.\d* MiB/),
      true,
    ]);
  });

  test('meets every way of making a tensor', async () => {
    const messages = (await runInNode(
      `${setUp}
      const flat = new Float32Array(10_000_000);
      const big = tensor(flat);
      report({
        tensor: caught(() => tensor(flat)),
        clone: caught(() => big.clone()),
        dense: caught(() => new Dense(5000, { inputSize: 5000 })),
        relu: caught(() => new ReLU().forward(big.reshape([1, 10_000_000]))),
        model: caught(() => new Model([new Dense(5000, { inputSize: 5000 })])),
        loss: caught(() => {
          const output = big.reshape([1, 10_000_000]);
          new lamella.MSE().gradient(output, output);
        }),
        im2col: caught(() => lamella.im2col(big.reshape([1, 1, 1000, 10_000]), 3, 1)),
        predict: caught(() => new Model([new ReLU()], { inputShape: [10] }).predict(flat)),
        works: caught(() => { zeros([10]); throw new RangeError('yes'); }),
      });`,
      limit,
    )) as Record<string, string>;
    const { works, ...others } = messages;
    expect(works).toBe('RangeError: yes');
    for (const [name, message] of Object.entries(others)) {
      expect([name, message]).toEqual([name, expect.stringMatching(/^OutOfMemoryError: /)]);
    }
  });

  test('to the last byte: every call works or says so, and all goes on', async () => {
    const result = (await runInNode(
      `${setUp}
      const { Layer, MSE, Residual, SGD } = lamella;
      class Own extends Layer {
        forward(x) { return x; }
        backward(gradient) { return gradient; }
      }
      const dense = new Dense(3, { inputSize: 2 });
      const rest = [new BatchNormalization(), new Dropout(), new Own(), new Residual([new ReLU()])];
      const model = new Model([dense, ...rest], { loss: new MSE(), optimizer: new Adam() });
      const [x, y] = [zeros([4, 2]), zeros([4, 3])];
      const before = [...model.predict(x).toArray()];
      const values = Object.fromEntries(
        Object.entries(dense.params).map(([name, { value }]) => [name, value]),
      );
      const calls = {
        dense: () => new Dense(3, { inputSize: 2 }),
        text: () => new Dense(3, { initialization: 'x'.repeat(2 ** 20) }),
        type: () => new SGD({ ['y'.repeat(2 ** 20)]: 1 }),
        residual: () => new Residual([new ReLU()]),
        model: () => new Model([new Own(), new Dense(2)], { inputShape: [2], loss: new MSE() }),
        tensor: () => tensor([[1, 2], [3, 4]]),
        clone: () => x.clone(),
        params: () => dense.params,
        state: () => model.layers[1].state,
        config: () => dense.getConfig(),
        load: () => dense.loadParams(values),
        forward: () => new ReLU().forward(x),
        predict: () => model.predict(x),
        evaluate: () => model.evaluate(x, y),
        summary: () => model.summary(),
        columns: () => lamella.im2col(zeros([1, 1, 4, 4]), 2),
      };
      const outcomes = new Set();
      const held = [];
      const fill = () => {
        for (let size = 2 ** 21; size >= 1; size >>= 1) {
          try {
            for (;;) held.push(zeros([size]));
          } catch (error) {
            outcomes.add('fill ' + error.name);
          }
        }
      };
      for (let round = 0; round < 120; round++) {
        fill();
        for (let i = 0; i < round; i++) held.splice(-2, 1)[0]?.dispose();
        for (const [name, call] of Object.entries(calls)) {
          const outcome = caught(() => { call()?.dispose?.(); throw new RangeError('well'); });
          outcomes.add(name + ' ' + outcome.slice(0, outcome.indexOf(':')));
        }
      }
      for (const each of held) each.dispose();
      const same = String(before) === String([...model.predict(x).toArray()]);
      report([[...outcomes], same, model.trainBatch(x, y).loss >= 0]);`,
      limit,
    )) as [string[], boolean, boolean];
    const [outcomes, same, trains] = result;
    const others = outcomes.filter(
      (each) =>
        !/ (OutOfMemoryError|RangeError)$/.test(each) && !/^(text|type) ValueError$/.test(each),
    );
    expect(others).toEqual([]);
    for (const name of ['tensor', 'predict', 'forward', 'text']) {
      expect(outcomes).toContain(`${name} OutOfMemoryError`);
    }
    expect([same, trains]).toEqual([true, true]);
  });

  test('that is gone once a step is done is none of the step: it happens whole or not at all', async () => {
    const result = await runInNode(
      `${setUp}
      const { MSE } = lamella;
      const model = new Model([new Dense(3, { inputSize: 2 })], { loss: new MSE(), optimizer: new Adam() });
      const { weights } = model.layers[0];
      const [x, y] = [tensor([[1, 2]]), tensor([[1, 2, 3]])];
      model.trainBatch(x, y);
      const outcomes = new Set();
      for (let room = 0; room < 40; room++) {
        const before = String([...weights.view()]);
        const held = [];
        const fill = (make) => caught(() => { for (;;) held.push(make()); });
        for (let size = 2 ** 21; size >= 1; size >>= 1) fill(() => zeros([size]));
        fill(() => new MSE());
        for (let i = 0; i < room; i++) held.pop()?.dispose();
        const outcome = caught(() => { model.trainBatch(x, y); throw new RangeError(); });
        for (const each of held) each.dispose();
        const changed = String([...weights.view()]) !== before;
        outcomes.add(outcome.slice(0, outcome.indexOf(':')) + (changed ? ', changed' : ''));
      }
      report([...outcomes].sort());`,
      limit,
    );
    // A step may need no memory at all.
    expect(result).toContain('RangeError, changed');
    expect(result).not.toContain('OutOfMemoryError, changed');
  });

  test('before training begins leaves a model that may be trained and disposed of', async () => {
    const result = await runInNode(
      `${setUp}
      const { MSE } = lamella;
      const outcomes = new Set();
      const [x, y] = [tensor([[1, 2]]), tensor([[1, 2, 3]])];
      for (let room = 0; room < 60; room++) {
        const model = new Model([new Dense(3, { inputSize: 2 })], { loss: new MSE(), optimizer: new Adam() });
        const held = [];
        const fill = (make) => caught(() => { for (;;) held.push(make()); });
        for (let size = 2 ** 21; size >= 1; size >>= 1) fill(() => zeros([size]));
        fill(() => new MSE());
        for (let i = 0; i < room; i++) held.pop()?.dispose();
        const outcome = await model.train(x, y).then(() => 'done', (error) => error.name);
        for (const each of held) each.dispose();
        await model.train(x, y);
        model.dispose();
        outcomes.add(outcome);
      }
      report([...outcomes].sort());`,
      limit,
    );
    expect(result).toEqual(['OutOfMemoryError', 'done']);
  });

  test('while building leaves a layer as it was', async () => {
    const result = await runInNode(
      `${setUp}
      const dense = new Dense(5000);
      dense.build([10]);
      const before = dense.weights.toArray();
      const message = caught(() => dense.build([5000]));
      const after = dense.weights.toArray();
      report([
        message,
        dense.inputShape,
        after.every((value, i) => value === before[i]),
        dense.forward(zeros([2, 10])).shape,
      ]);`,
      limit,
    );
    expect(result).toEqual([expect.stringMatching(/^OutOfMemoryError: /), [10], true, [2, 5000]]);
  });

  test('in a forward pass leaves nothing for a backward pass to trip over', async () => {
    const result = await runInNode(
      `${setUp}
      const big = zeros([1, 9_000_000]);
      const messages = [];
      for (const layer of [new ReLU(), new Dropout()]) {
        layer.forward(tensor([[1, 2]]));
        messages.push(caught(() => layer.forward(big)));
        messages.push(caught(() => layer.backward(big)));
        const output = layer.forward(tensor([[1, 2]]), false);
        messages.push([...output.toArray()], [...layer.backward(output).toArray()]);
      }
      report(messages);`,
      limit,
    );
    const expected = [
      expect.stringMatching(/^OutOfMemoryError: /),
      expect.stringMatching(/^StateError: \w+: backward\(\) needs a forward\(\)/),
      [1, 2],
      [1, 2],
    ];
    expect(result).toEqual([...expected, ...expected]);
  });

  test('in the middle of training leaves a model that trains on', async () => {
    const result = await runInNode(
      `${setUp}
      // Batch normalization wants the whole batch at once.
      const make = (...first) => new Model([...first, new Dense(2000), new ReLU(), new Dense(2)], {
        inputShape: [10],
        loss: new CategoricalCrossEntropy(),
        optimizer: new Adam(),
        seed: 3,
      });
      const [model, other] = [make(new BatchNormalization()), make(new BatchNormalization())];
      const small = [zeros([10, 10]), zeros([10, 2])];
      small[0].view().fill(0.5);
      const big = [zeros([5000, 10]), zeros([5000, 2])];
      for (const [, y] of [small, big]) y.view().forEach((_, i, view) => { view[i] = i % 2; });
      const hash = (each) => each.layers.flatMap((layer) =>
        Object.values(layer.params).map(({ value }) => value.toArray().join())).join();
      model.trainBatch(...small);
      const message = caught(() => model.trainBatch(...big));
      model.trainBatch(...small);
      other.trainBatch(...small);
      other.trainBatch(...small);
      const inPasses = caught(() => make().trainBatch(...big));
      report([message, hash(model) === hash(other), inPasses]);`,
      limit,
    );
    expect(result).toEqual([
      expect.stringMatching(/^OutOfMemoryError: /),
      true,
      'nothing was thrown',
    ]);
  });

  test('near 2 GiB, the end, is no trap, and other tensors keep their numbers', async () => {
    const [fragments, large, kept] = (await runInNode(
      `${setUp}
      // Free memory near the end: an allocator that adds up beyond all addresses takes it for more.
      const held = [];
      const fill = (size) => caught(() => { for (;;) held.push(zeros([size])); });
      for (const size of [2 ** 25, 2 ** 18, 2 ** 12]) fill(size);
      for (const each of held.splice(0)) each.dispose();
      const fragments = fill(2 ** 25);
      for (const each of held.splice(0)) each.dispose();
      for (let i = 0; i < 14; i++) {
        held.push(zeros([2 ** 25]));
        held[i].view()[i] = i;
      }
      held[11].dispose();
      const large = [2 ** 28, 2 ** 29 - 2 ** 25, 2 ** 29 - 1]
        .map((size) => caught(() => zeros([size])));
      report([fragments, large, [12, 13].map((i) => [held[i].size, held[i].view()[i]])]);`,
      [],
    )) as [string, string[], number[][]];
    for (const message of [fragments, ...large]) expect(message).toMatch(/^OutOfMemoryError: /);
    expect(kept).toEqual([
      [2 ** 25, 12],
      [2 ** 25, 13],
    ]);
  });
});
