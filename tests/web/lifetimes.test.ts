import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Adam,
  allocationCount,
  BatchNormalization2D,
  CategoricalCrossEntropy,
  Convolutional,
  Dense,
  Dropout,
  Flatten,
  init,
  Layer,
  MaxPooling2D,
  Model,
  MSE,
  oneHot,
  ReLU,
  Residual,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from 'lamella';
import { batchOf, layerCases, noise, numbers, runInNode, values } from './support.js';

beforeAll(() => init());

/** As `expect(body).toThrow`, which is slow, for many calls. */
function expectShapeError(body: () => unknown): void {
  try {
    body();
  } catch (error) {
    if (error instanceof ShapeError) return;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Bytes of WebAssembly memory. */
function memory(): number {
  const t = zeros([1]);
  const { byteLength } = t.view().buffer;
  t.dispose();
  return byteLength;
}

test('errors give back the stack they took', () => {
  const t = zeros([2, 3]);
  // Without that the stack of 1 MB ends before 20 000.
  for (let i = 0; i < 50_000; i++) expectShapeError(() => t.reshape([7]));
  expect(t.reshape([6]).shape).toEqual([6]);
});

test('errors of a custom layer give back the stack they passed through', () => {
  class Fragile extends Layer {
    whole = false;
    forward(input: Tensor): Tensor {
      if (!this.whole) throw new ShapeError('it broke');
      return input;
    }
    backward(gradient: Tensor): Tensor {
      return gradient;
    }
  }
  const fragile = new Fragile();
  const model = new Model([new Dense(2, { inputSize: 2 }), new Residual([fragile])]);
  const x = tensor([[1, 2]]);
  const allocated = memory();
  for (let i = 0; i < 50_000; i++) expectShapeError(() => model.predict(x));
  fragile.whole = true;
  expect(model.predict(x).shape).toEqual([1, 2]);
  expect(memory()).toBe(allocated);
});

test('errors that a custom layer catches give back the stack they took', () => {
  const t = zeros([2, 3]);
  class Careful extends Layer {
    forward(input: Tensor): Tensor {
      for (let i = 0; i < 50_000; i++) expectShapeError(() => t.reshape([7]));
      return input;
    }
    backward(gradient: Tensor): Tensor {
      return gradient;
    }
  }
  const model = new Model([new Careful()], { inputShape: [2] });
  expect(model.predict(tensor([[1, 2]])).toArray()).toEqual(Float32Array.of(1, 2));
});

describe('dispose', () => {
  test('may be called again', () => {
    const handles = [
      tensor([1]),
      new Dense(1),
      new MSE(),
      new Adam(),
      new Model([new Dense(1, { inputSize: 1 })]),
    ];
    for (const handle of handles) {
      handle.dispose();
      handle.dispose();
      handle[Symbol.dispose]();
    }
  });

  test('is what `using` calls', () => {
    const t = tensor([1]);
    t[Symbol.dispose]();
    expect(t.disposed).toBe(true);
    let disposed = 0;
    class Counting extends Dense {
      override dispose(): void {
        disposed++;
        super.dispose();
      }
    }
    new Counting(1)[Symbol.dispose]();
    expect(disposed).toBe(1);
  });

  test('of a layer leaves the tensors that it handed out', () => {
    const layer = new Dense(2, { inputSize: 2 });
    const { weights } = layer;
    const copy = values(weights);
    const output = layer.forward(noise([1, 2]));
    const kept = values(output);
    layer.dispose();
    for (let i = 0; i < 10; i++) noise([1, 2], i);
    expect(values(weights)).toEqual(copy);
    expect(values(output)).toEqual(kept);
  });

  test('frees at once', () => {
    const bytes = 4_000_000;
    const before = memory();
    for (let i = 0; i < 200; i++) zeros([bytes / 4]).dispose();
    expect(memory() - before).toBeLessThan(3 * bytes);
  });
});

describe('10,000 cycles leave the memory where it was', () => {
  test.each(layerCases)('$type', ({ make, inputShape, outputShape }) => {
    const input = batchOf(inputShape);
    const gradient = batchOf(outputShape);
    const cycle = (): void => {
      const layer = make();
      layer.build(inputShape);
      layer.forward(input).dispose();
      layer.backward(gradient).dispose();
      for (const { value, gradient: own } of Object.values(layer.params)) {
        value.dispose();
        own.dispose();
      }
      layer.dispose();
    };
    for (let i = 0; i < 100; i++) cycle();
    const before = memory();
    for (let i = 0; i < 10_000; i++) cycle();
    expect(memory()).toBe(before);
  });

  test('failing calls', () => {
    const layer = new Dense(64, { inputSize: 64 });
    const wrong = zeros([64, 63]);
    const fail = (): void => {
      for (const use of [
        () => layer.forward(wrong),
        () => {
          layer.loadParams({ weights: new Float32Array(63) });
        },
        () => {
          layer.loadParams({ biases: new Float32Array(64), weights: ['x'] as never });
        },
        () => new Dense(0),
        () => new Convolutional(8, 3, { inputShape: [1, 2, 2] }),
        () => tensor(new Float32Array(1000), [999]),
        () => new Model([new Dense(64, { inputSize: 64 }), new Dense(1, { inputSize: 65 })]),
      ]) {
        expect(use).toThrow();
      }
    };
    for (let i = 0; i < 10; i++) fail();
    const before = memory();
    for (let i = 0; i < 200; i++) fail();
    // Layers that never made it into the model are left to the garbage collector.
    expect(memory() - before).toBeLessThan(200 * 2 * 64 * 64 * 4 + 1_000_000);
  });
});

describe('copies made on the way are freed at once:', () => {
  const flat = { x: numbers(100_000), y: new Float32Array(10_000).fill(1) };
  const model = (): Model =>
    new Model([new Dense(1, { inputSize: 10 })], { loss: new MSE(), optimizer: new Adam() });

  test.each<[string, () => () => unknown]>([
    [
      'predict',
      () => {
        const trained = model();
        return () => {
          trained.predict(flat.x).dispose();
        };
      },
    ],
    [
      'evaluate',
      () => {
        const trained = model();
        return () => trained.evaluate(flat.x, flat.y);
      },
    ],
    [
      'train',
      () => {
        const trained = model();
        const validationData = flat;
        return () => trained.train(flat.x, flat.y, { batchSize: 5000, validationData });
      },
    ],
    [
      'a refused train',
      () => {
        const trained = model();
        return () => trained.train(flat.x, flat.y.subarray(1)).catch(() => undefined);
      },
    ],
    [
      'loadParams',
      () => {
        const dense = new Dense(100_000, { inputSize: 1 });
        const weights = [Array.from(flat.x)];
        return () => {
          dense.loadParams({ weights });
        };
      },
    ],
    [
      'a refused loadParams',
      () => {
        const dense = new Dense(1, { inputSize: 2 });
        return () => {
          expect(() => {
            dense.loadParams({ weights: flat.x });
          }).toThrow();
        };
      },
    ],
    [
      "a loss's value",
      () => {
        const loss = new MSE();
        const output = tensor(flat.x, [1, 100_000]);
        return () => loss.value(output, output);
      },
    ],
  ])('%s', async (_, prepare) => {
    const use = prepare();
    for (let i = 0; i < 3; i++) await use();
    const before = memory();
    for (let i = 0; i < 40; i++) await use();
    // Some 400 kB each time, were they not freed.
    expect(memory() - before).toBeLessThan(8_000_000);
  });
});

describe('a training step in steady state allocates nothing', () => {
  const labels = Array.from(numbers(40, 3), (value) => Math.floor((value + 1) * 5));

  test.each<[string, () => Layer[]]>([
    ['mlp', () => [new Flatten(), new Dense(32), new ReLU(), new Dropout(0.2), new Dense(10)]],
    [
      'cnn',
      () => [
        new Convolutional(8, 3, { padding: 'same' }),
        new BatchNormalization2D(),
        new ReLU(),
        new MaxPooling2D(2),
        new Convolutional(8, 3, { stride: 2 }),
        new ReLU(),
        new Flatten(),
        new Dense(10),
      ],
    ],
  ])('%s', async (_, layers) => {
    const model = new Model(layers(), {
      loss: new CategoricalCrossEntropy(),
      optimizer: new Adam(),
      inputShape: [1, 12, 12],
    });
    const [x, y] = [noise([40, 1, 12, 12]), oneHot(labels, 10)];
    model.trainBatch(x, y);
    const before = allocationCount();
    for (let i = 0; i < 20; i++) model.trainBatch(x, y);
    expect(allocationCount()).toBe(before);

    await model.train(x, y, { epochs: 2, batchSize: 10 });
    const counts: number[] = [];
    await model.train(x, y, {
      epochs: 3,
      batchSize: 10,
      onBatch: () => counts.push(allocationCount()),
    });
    expect(counts).toHaveLength(12);
    expect(new Set(counts).size).toBe(1);
  });

  test('the count counts', () => {
    const before = allocationCount();
    zeros([10]);
    expect(allocationCount()).toBe(before + 1);
  });
});

describe('the garbage collector', () => {
  test('frees what was forgotten', async () => {
    const [flat, alive] = (await runInNode(
      `import { Adam, CategoricalCrossEntropy, Dense, init, Layer, Model, tensor, zeros } from 'lamella';
      await init();
      const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
      const memory = () => zeros([1]).view().buffer.byteLength;
      class Same extends Layer {
        forward(input) { return input.clone(); }
        backward(gradient) { return gradient.clone(); }
      }
      const x = zeros([1000, 100]);
      const y = tensor(Array.from({ length: 1000 }, (_, i) => Array.from({ length: 100 }, (_, j) => +(i % 100 === j))));
      // Some 3 MB each time: half a gigabyte in all.
      const forget = () => {
        const layer = new Dense(100, { inputSize: 100 });
        layer.backward(layer.forward(x));
        const model = new Model([new Dense(100, { inputSize: 100 }), new Same()], {
          loss: new CategoricalCrossEntropy(),
          optimizer: new Adam(),
        });
        model.trainBatch(x, y);
      };
      const kept = tensor(new Float32Array(1000).fill(5));
      for (let i = 0; i < 150; i++) {
        forget();
        if (i % 10 === 9) {
          gc();
          await turn();
        }
      }
      report([memory(), kept.toArray().every((value) => value === 5)]);`,
      ['--expose-gc'],
    )) as [number, boolean];
    expect(flat).toBeLessThan(150_000_000);
    expect(alive).toBe(true);
  });

  test('frees a model that its own custom layer and loss know', async () => {
    const [flat, alive] = (await runInNode(
      `import { init, Layer, Loss, Dense, Model, SGD, tensor, zeros } from 'lamella';
      await init();
      const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
      class Same extends Layer {
        forward(input) { return input; }
        backward(gradient) { return gradient; }
      }
      class Sum extends Loss {
        value(output) { return output.view().reduce((sum, each) => sum + each); }
        gradient(output) { return tensor(new Float32Array(output.size).fill(1), output.shape); }
      }
      const make = () => {
        const layer = new Same();
        const loss = new Sum();
        const model = new Model([new Dense(200, { inputSize: 200 }), layer], {
          loss,
          optimizer: new SGD(),
        });
        layer.model = loss.model = model;
        return model;
      };
      const x = zeros([2, 200]);
      const kept = make();
      const alive = [];
      for (let i = 0; i < 300; i++) {
        const model = make();
        model.trainBatch(x, x);
        alive.push(new WeakRef(model));
        if (i % 10 === 9) {
          await turn();
          gc();
          await turn();
        }
      }
      kept.trainBatch(x, x);
      report([zeros([1]).view().buffer.byteLength, alive.filter((each) => each.deref()).length]);`,
      ['--expose-gc'],
    )) as [number, number];
    // A model takes 320 kB, all of them 96 MB.
    expect(flat).toBeLessThan(50_000_000);
    expect(alive).toBeLessThan(20);
  });

  test('leaves a model its layers, and a view its tensor', async () => {
    const same = await runInNode(
      `import { Dense, init, Model, ReLU, tensor, zeros } from 'lamella';
      await init();
      const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
      const make = () => new Model([new Dense(50), new ReLU(), new Dense(3)], { inputShape: [20] });
      const model = make();
      const weights = (() => new Dense(3, { inputSize: 3 }).weights)();
      const x = tensor(new Float32Array(200).fill(0.1), [10, 20]);
      const before = [model.predict(x).toArray().join(), weights.toArray().join()];
      for (let i = 0; i < 20; i++) {
        make().dispose();
        gc();
        await turn();
        zeros([1000]).view().fill(9);
      }
      const after = [model.predict(x).toArray().join(), weights.toArray().join()];
      report(before.join() === after.join());`,
      ['--expose-gc'],
    );
    expect(same).toBe(true);
  });

  test('frees nothing twice', async () => {
    const count = await runInNode(
      `import { Dense, init, tensor } from 'lamella';
      await init();
      const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
      let failed = 0;
      process.on('uncaughtException', () => failed++);
      for (let i = 0; i < 20; i++) {
        for (let j = 0; j < 50; j++) {
          tensor([1, 2, 3]).dispose();
          new Dense(2, { inputSize: 2 }).dispose();
        }
        gc();
        await turn();
      }
      const t = tensor([1, 2, 3]);
      const u = tensor([4, 5, 6]);
      report([failed, ...t.toArray(), ...u.toArray()]);`,
      ['--expose-gc'],
    );
    expect(count).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});
