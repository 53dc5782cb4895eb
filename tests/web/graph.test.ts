// Graphs of layers, as programs use them.
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Adam,
  Add,
  Average,
  BatchNormalization,
  BatchNormalization2D,
  CategoricalCrossEntropy,
  Concatenate,
  type Config,
  Convolutional,
  Dense,
  Dropout,
  exportOnnx,
  Flatten,
  GlobalAveragePooling2D,
  init,
  input,
  Layer,
  type LayerConfig,
  layerFromConfig,
  loadCheckpoint,
  loadNpz,
  loadSafetensors,
  lossFromConfig,
  Maximum,
  Model,
  MSE,
  Multiply,
  ReLU,
  Reshape,
  Residual,
  saveCheckpoint,
  saveNpz,
  saveSafetensors,
  SGD,
  Sigmoid,
  Softmax,
  SparseCategoricalCrossEntropy,
  Tensor,
  tensor,
} from 'lamella/graph';
import { env, InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-web';

beforeAll(async () => {
  await init({ variant: 'simd' });
});

/** Numbers in (-1, 1) that follow from a seed. */
function numbers(size: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: size }, () => {
    state = (state * 48271) % 2147483647;
    return (state / 2147483647) * 2 - 1;
  });
}

const rows = (n: number, size: number, seed?: number): Tensor =>
  tensor(numbers(n * size, seed), [n, size]);

/** Two inputs, two outputs, a layer that is applied twice, dropout, batch normalization. */
function twoHeaded(): Model {
  const image = input([2, 6, 6], { name: 'image' });
  const facts = input([3], { name: 'facts' });
  const shared = new Convolutional(2, 3, { padding: 'same' });
  let y = new ReLU().apply(new BatchNormalization2D().apply(shared.apply(image)));
  y = new Add().apply([shared.apply(y), y]);
  const weights = new Dense(2).apply(new GlobalAveragePooling2D().apply(y));
  y = new Multiply().apply([y, new Reshape([2, 1, 1]).apply(new Sigmoid().apply(weights))]);
  const both = new Concatenate().apply([new Flatten().apply(y), new Dense(4).apply(facts)]);
  const hidden = new Dropout(0.3).apply(new ReLU().apply(new Dense(8).apply(both)));
  return new Model(
    {
      inputs: { image, facts },
      outputs: {
        kind: new Softmax().apply(new Dense(3).apply(hidden)),
        place: new Dense(2).apply(hidden),
      },
    },
    {
      loss: { kind: new CategoricalCrossEntropy(), place: new MSE() },
      lossWeights: { kind: 1, place: 0.5 },
      optimizer: new Adam({ learningRate: 0.01 }),
      seed: 5,
    },
  );
}

const samples = 12;
const x = {
  image: numbers(samples * 72, 3),
  facts: numbers(samples * 3, 4),
};
const y = {
  kind: Array.from({ length: samples }, (_, i) => [0, 1, 2].map((k) => Number(i % 3 === k))),
  place: numbers(samples * 2, 6),
};

const weightsOf = (model: Model): number[] =>
  model.chain.flatMap((layer) =>
    Object.values(layer.params).flatMap(({ value }) => [...value.toArray()]),
  );

describe('a graph', () => {
  test('learns, with data by name or in order', async () => {
    const [model, other] = [twoHeaded(), twoHeaded()];
    const history = await model.train(x, y, { epochs: 12, batchSize: 5 });
    await other.train([x.image, x.facts], [y.kind, y.place], { epochs: 12, batchSize: 5 });
    expect(history.at(-1)?.loss).toBeLessThan((history[0]?.loss ?? 0) * 0.8);
    expect(weightsOf(other)).toEqual(weightsOf(model));
    const [kind, place] = model.predictAll(x) as [Tensor, Tensor];
    expect([kind.shape, place.shape]).toEqual([
      [samples, 3],
      [samples, 2],
    ]);
    const sums = (kind.toNestedArray() as number[][]).map((row) => row.reduce((a, b) => a + b));
    for (const sum of sums) expect(sum).toBeCloseTo(1, 5);
    const { loss, accuracy } = model.evaluate(x, y);
    expect(loss).toBeGreaterThan(0);
    expect(accuracy).toBeGreaterThanOrEqual(0);
  });

  test('has the layers of the user, and a summary with connections and frozen ones', () => {
    const model = twoHeaded();
    expect(model.layers.map(({ type }) => type)).not.toContain('Pack');
    (model.layers[0] as Layer).trainable = false;
    expect(model.summary()).toMatchInlineSnapshot(`
      "    layer                   output     parameters  takes
          image                   [2, 6, 6]
          facts                   [3]
      0   Convolutional           [2, 6, 6]  38 frozen   image, 2 ReLU
      1   BatchNormalization2D    [2, 6, 6]  4           0 Convolutional
      2   ReLU                    [2, 6, 6]  0           1 BatchNormalization2D
      3   Add                     [2, 6, 6]  0           0 Convolutional, 2 ReLU
      4   GlobalAveragePooling2D  [2]        0           3 Add
      5   Dense                   [2]        6           4 GlobalAveragePooling2D
      6   Sigmoid                 [2]        0           5 Dense
      7   Reshape                 [2, 1, 1]  0           6 Sigmoid
      8   Multiply                [2, 6, 6]  0           3 Add, 7 Reshape
      9   Flatten                 [72]       0           8 Multiply
      10  Dense                   [4]        16          facts
      11  Concatenate             [76]       0           9 Flatten, 10 Dense
      12  Dense                   [8]        616         11 Concatenate
      13  ReLU                    [8]        0           12 Dense
      14  Dropout                 [8]        0           13 ReLU
      15  Dense                   [3]        27          14 Dropout
      16  Dense                   [2]        18          14 Dropout
      17  Softmax                 [3]        0           15 Dense
      725 parameters in all, 687 trained, 38 frozen"
    `);
  });

  test('in a row is the chain of the same layers, bit for bit', () => {
    const make = (): Layer[] => [
      new Convolutional(4, 3, { padding: 'same' }),
      new BatchNormalization2D(),
      new ReLU(),
      new Flatten(),
      new Dropout(0.2),
      new Dense(5),
      new BatchNormalization(),
      new Softmax(),
    ];
    const options = () => ({
      loss: new SparseCategoricalCrossEntropy(),
      optimizer: new SGD({ learningRate: 0.05 }),
      seed: 9,
    });
    const chain = new Model(make(), { ...options(), inputShape: [1, 5, 5] });
    const start = input([1, 5, 5]);
    const end = make().reduce((value, layer) => layer.apply(value), start);
    const graph = new Model({ inputs: start, outputs: end }, options());
    // Streams of random numbers follow from a layer's place: both have the numbers of one.
    const arrays = chain.layers.map((layer) => Object.entries(layer.params));
    for (const [i, params] of arrays.entries()) {
      const own = (graph.layers[i] as Layer).params;
      for (const [name, { value }] of params) own[name]?.value.set(value.toArray());
    }
    const xs = tensor(numbers(9 * 25), [9, 1, 5, 5]);
    const labels = Array.from({ length: 9 }, (_, i) => i % 5);
    expect(graph.predict(xs).toArray()).toEqual(chain.predict(xs).toArray());
    expect(graph.evaluate(xs, labels)).toEqual(chain.evaluate(xs, labels));
  });

  test('resumes exactly from a checkpoint', async () => {
    const whole = twoHeaded();
    await whole.train(x, y, { epochs: 6, batchSize: 5 });
    const first = twoHeaded();
    await first.train(x, y, { epochs: 3, batchSize: 5 });
    const again = await loadCheckpoint(await saveCheckpoint(first));
    expect(again).toBeInstanceOf(Model);
    await again.train(x, y, { epochs: 3, batchSize: 5 });
    expect(weightsOf(again)).toEqual(weightsOf(whole));
    expect(again.predictAll(x).map((t) => t.toArray())).toEqual(
      whole.predictAll(x).map((t) => t.toArray()),
    );
    expect(again.summary()).toEqual(whole.summary());
  });

  test.each([
    ['npz', async (model: Model) => loadNpz(await saveNpz(model))],
    [
      'safetensors',
      async (model: Model) => {
        const other = twoHeaded();
        await loadSafetensors(other, await saveSafetensors(model));
        return other;
      },
    ],
  ])('comes back from %s', async (_, copy) => {
    const model = twoHeaded();
    await model.train(x, y, { epochs: 2 });
    const other = await copy(model);
    expect(other.predictAll(x)[0]?.toArray()).toEqual(model.predictAll(x)[0]?.toArray());
  });

  test('is nested in another one, shared and frozen as one', async () => {
    const start = input([4]);
    const hidden = new ReLU().apply(new Dense(6).apply(start));
    const features = new Model({ inputs: start, outputs: hidden });
    features.trainable = false;
    const [left, right] = [input([4], { name: 'left' }), input([4], { name: 'right' })];
    const merged = new Concatenate().apply([features.apply(left), features.apply(right)] as never);
    const model = new Model(
      { inputs: [left, right], outputs: new Dense(1).apply(merged) },
      { loss: new MSE(), optimizer: new SGD({ learningRate: 0.1 }) },
    );
    const before = weightsOf(features);
    const data = [rows(8, 4, 5), rows(8, 4, 6)];
    await model.train(data, rows(8, 1, 7), { epochs: 3 });
    expect(weightsOf(features)).toEqual(before);
    // What the inner model makes is what it makes alone.
    const dense = model.layers.at(-1) as Dense;
    const parts = data.map((each) => features.predict(each).toNestedArray() as number[][]);
    const joined = (parts[0] as number[][]).map((row, i) => [
      ...row,
      ...((parts[1] as number[][])[i] as number[]),
    ]);
    expect([...model.predict(data).toArray()]).toEqual([
      ...dense.forward(tensor(joined), false).toArray(),
    ]);
    model.dispose();
    expect(weightsOf(features)).toEqual(before);
  });

  test('has custom layers and blocks inside', async () => {
    class Twice extends Layer {
      static override readonly type = 'Twice';
      forward(value: Tensor): Tensor {
        return tensor(
          value.toArray().map((each) => 2 * each),
          value.shape,
        );
      }
      backward(gradient: Tensor): Tensor {
        return this.forward(gradient);
      }
    }
    const start = input([3]);
    const twice = new Twice();
    const block = new Residual([new Dense(3)]);
    const sum = new Average().apply([twice.apply(start), block.apply(block.apply(start))]);
    const model = new Model(
      { inputs: start, outputs: new Maximum().apply([sum, start]) },
      { loss: new MSE(), optimizer: new SGD({ learningRate: 0.1 }) },
    );
    const history = await model.train(rows(6, 3), rows(6, 3, 8), { epochs: 20 });
    expect(history.at(-1)?.loss).toBeLessThan(history[0]?.loss ?? 0);
    const around = new Residual([new Twice()]);
    const once = around.apply(start);
    expect(() => around.apply(once)).toThrow('can be applied once');
    expect(() => twice.apply(start)).toThrow('can be applied once');
  });

  test('takes batches, data sets and validation data', async () => {
    const model = twoHeaded();
    const batch = { x, y };
    await model.train(
      function* () {
        yield batch;
      } as never,
      { epochs: 2, validationData: batch as never },
    );
    const result = model.trainBatch([x.image, x.facts], y);
    expect(result.loss).toBeGreaterThan(0);
  });

  test('becomes ONNX that computes the same', async () => {
    env.wasm.numThreads = 1;
    const model = twoHeaded();
    await model.train(x, y, { epochs: 2 });
    const session = await InferenceSession.create(await exportOnnx(model));
    const packed = Float32Array.from({ length: samples * 75 }, (_, i) => {
      const [row, column] = [Math.floor(i / 75), i % 75];
      return (column < 72 ? x.image[row * 72 + column] : x.facts[row * 3 + column - 72]) ?? NaN;
    });
    const { output } = await session.run({
      input: new OnnxTensor('float32', packed, [samples, 75]),
    });
    const [kind, place] = model.predictAll(x) as [Tensor, Tensor];
    const wanted = [kind, place].map((part) => part.toNestedArray() as number[][]);
    const rows = Array.from({ length: samples }, (_, i) => wanted.flatMap((part) => part[i] ?? []));
    for (const [i, value] of (output?.data as Float32Array).entries()) {
      expect(value).toBeCloseTo(rows.flat()[i] ?? NaN, 4);
    }
  });

  test('tells how long each of its layers takes, and stays as it was', () => {
    const model = twoHeaded();
    const before = weightsOf(model);
    const rows = model.profile(x, y, { repeats: 2 });
    expect(rows.map(({ type }) => type).filter((type) => type === 'Convolutional')).toHaveLength(2);
    expect(rows.length).toBe(21);
    for (const { forwardMilliseconds } of rows)
      expect(forwardMilliseconds).toBeGreaterThanOrEqual(0);
    expect(weightsOf(model)).toEqual(before);
  });

  test('leaves the heap as it was', async () => {
    const { allocationCount } = await import('lamella/graph');
    const model = twoHeaded();
    const own = [x.image, x.facts] as const;
    for (let i = 0; i < 3; i++) model.trainBatch(own, y);
    const before = allocationCount();
    for (let i = 0; i < 5; i++) model.trainBatch(own, y);
    // A copy of each of four arrays, and a tensor of each two: the steps themselves take none.
    expect(allocationCount() - before).toBe(5 * 6);
  });
});

describe('a graph in a file', () => {
  const config = (): Config => {
    const [graph] = twoHeaded().chain;
    return structuredClone({ ...graph?.getConfig(), type: 'Graph' });
  };
  const changed = (change: (config: Record<string, unknown[]>) => unknown) => () => {
    const own = config();
    change(own as Record<string, unknown[]>);
    return layerFromConfig(own as LayerConfig);
  };

  test('is made again', () => {
    const graph = changed(() => 0)();
    expect({ ...graph.getConfig(), type: 'Graph' }).toEqual(config());
  });

  test.each([
    [
      'a call of no layer',
      changed(({ calls }) => ((calls as unknown[])[0] = [99, [0]])),
      'calls[0]',
    ],
    [
      'a value that is made later',
      changed(({ calls }) => ((calls as unknown[])[0] = [0, [3]])),
      'calls[0][1]',
    ],
    ['no call', changed((own) => (own['calls'] = [])), 'at least one call'],
    ['a value that nothing takes', changed(({ calls }) => calls?.splice(3, 1)), 'Graph'],
    ['a head that is no layer', changed((own) => (own['heads'] = [99, -1])), 'a head is no layer'],
    ['a head too few', changed((own) => (own['heads'] = [-1])), 'a head for each output'],
    ['no names', changed((own) => (own['named'] = [1, 2])), 'named must be'],
    ['an input too few', changed(({ inputs }) => inputs?.pop()), 'take the inputs apart'],
    ['an output too few', changed(({ outputs }) => outputs?.pop()), 'bring the outputs together'],
    ['inputs without shapes', changed((own) => (own['inputs'] = [{ name: 'x' }])), 'shape'],
    ['another option', changed((own) => (own['more'] = [])), "unknown option 'more'"],
  ] as const)('may not have %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});

describe('a graph refuses', () => {
  test('more numbers than memory has addresses, and works on', () => {
    const wide = input(2 ** 16);
    const many = Array.from({ length: 2 ** 16 + 1 }, () => wide);
    expect(() => new Concatenate().apply(many)).toThrow('more than memory has addresses');
    const value = new ReLU().apply(wide);
    const outputs = Array.from({ length: 2 ** 16 + 1 }, () => value);
    expect(() => new Model({ inputs: wide, outputs })).toThrow('more than memory has addresses');
    const shapes = [...Array.from({ length: 511 }, () => [2 ** 23]), [2 ** 23 + 3]];
    const losses = shapes.map(() => ({ type: 'MSE' }));
    const weights = shapes.map(() => 1);
    expect(() => lossFromConfig({ type: 'Joint', losses, weights, shapes })).toThrow(
      'more than memory has addresses',
    );
    expect(twoHeaded().predictAll(x)).toHaveLength(2);
  });

  test('a loss that is missing, and an input shape beside the inputs', () => {
    const start = input([4]);
    const outputs = [new Dense(2).apply(start), new Dense(1).apply(start)];
    const loss = [new MSE(), undefined] as never;
    expect(() => new Model({ inputs: start, outputs }, { loss })).toThrow('must be a Loss');
    expect(() => new Model({ inputs: start, outputs }, { inputShape: [4] })).toThrow(
      'leave it out',
    );
  });

  const start = (): ReturnType<typeof input> => input([4], { name: 'start' });

  test.each([
    [
      'an input that nothing takes',
      'nothing takes the input',
      () => {
        const [a, b] = [start(), input([2], { name: 'other' })];
        return new Model({ inputs: [a, b], outputs: new Dense(1).apply(a) });
      },
    ],
    [
      'an input that is missing',
      "made of 'other [2]', which is not among the inputs",
      () => {
        const [a, b] = [start(), input([2], { name: 'other' })];
        return new Model({ inputs: a, outputs: new Concatenate().apply([a, b]) });
      },
    ],
    [
      'an output that is an input',
      'must be what a layer makes',
      () => {
        const a = start();
        return new Model({ inputs: a, outputs: a });
      },
    ],
    [
      'shapes that do not meet',
      'Add is applied to Dense [3] and start [4]',
      () => {
        const a = start();
        return new Add().apply([new Dense(3).apply(a), a]);
      },
    ],
    [
      'a shape that a layer cannot take',
      'Flatten [8]',
      () => new Convolutional(2, 3).apply(new Flatten().apply(input([2, 2, 2]))),
    ],
    [
      'a second use with another shape',
      'a Dense is called for inputs of [4] and of [3]',
      () => {
        const a = start();
        const dense = new Dense(3);
        return new Model({ inputs: a, outputs: dense.apply(dense.apply(a)) });
      },
    ],
    [
      'one value where several are wanted',
      'takes a list of at least 2',
      () => new Add().apply(start()),
    ],
    [
      'several values where one is wanted',
      'takes one input, got 2',
      () => new Dense(2).apply([start(), start()]),
    ],
    [
      'numbers in the place of a value',
      'Dense.apply: input must be',
      () => new Dense(2).apply([1, 2] as never),
    ],
    [
      'an unknown end',
      "unknown option 'input'",
      () => new Model({ input: start(), outputs: start() } as never),
    ],
    [
      'a loss too few',
      'must be a list of 2',
      () => {
        const a = start();
        const outputs = [new Dense(1).apply(a), new Dense(2).apply(a)];
        return new Model({ inputs: a, outputs }, { loss: [new MSE()] });
      },
    ],
    [
      'a name that there is not',
      "there is no 'imag'",
      () => twoHeaded().predictAll({ imag: 1 } as never),
    ],
    [
      'metrics of several outputs',
      'compute them of predictAll',
      () => twoHeaded().evaluate(x, y, { metrics: [] }),
    ],
    [
      'numbers of samples that differ',
      'facts has 1 samples, image has 12',
      () => twoHeaded().predictAll({ image: x.image, facts: numbers(3) }),
    ],
  ] as const)('%s', (_, message, make) => {
    expect(make).toThrow(message);
  });

  test('an input without numbers', () => {
    expect(() => input([0])).toThrow('sizes of at least 1');
  });
});
