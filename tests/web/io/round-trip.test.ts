// Files give back what they were given: random models and options, in every format. A model that no
// file can keep is refused when it is written.
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  Adam,
  BatchNormalization,
  CategoricalCrossEntropy,
  type Config,
  Dense,
  type FileArray,
  Huber,
  init,
  Layer,
  type LayerConfig,
  layerFromConfig,
  loadCheckpoint,
  loadNpz,
  loadSafetensors,
  Loss,
  lossFromConfig,
  MaxPooling2D,
  Model,
  optimizerFromConfig,
  type Parameter,
  ReLU,
  readSafetensors,
  registerLayer,
  registerLoss,
  Residual,
  saveCheckpoint,
  saveNpz,
  saveSafetensors,
  SGD,
  type Shape,
  Softmax,
  type Tensor,
  tensor,
  ValueError,
  writeSafetensors,
  zeros,
} from 'lamella';
import { expectRejection, noise, values } from '../support.js';

/** y = x w with one number w: parameters, states and configuration by any names. */
class Own extends Layer {
  readonly #weight = tensor([1.5]);
  readonly #gradient = zeros([1]);
  readonly #calls = zeros([]);
  constructor(readonly config: Config) {
    super();
  }
  get #name(): string {
    return (this.config['name'] as string | undefined) ?? 'w';
  }
  override forward(input: Tensor, training = true): Tensor {
    if (training) this.#calls.set([(this.#calls.view()[0] ?? 0) + 1]);
    const [weight = 0] = this.#weight.view();
    return tensor(
      input.toArray().map((value) => value * weight),
      input.shape,
    );
  }
  override backward(gradient: Tensor): Tensor {
    this.#gradient.set([1]);
    return this.forward(gradient, false);
  }
  override get params(): Record<string, Parameter> {
    return { [this.#name]: { value: this.#weight, gradient: this.#gradient } };
  }
  // A getter alone, as a class may have it.
  override get state(): Record<string, Tensor> {
    return { [`${this.#name} calls`]: this.#calls };
  }
  override getConfig(): Config {
    return this.config;
  }
}

/** Half of the sum of squares, or minus infinity. */
class OwnLoss extends Loss {
  constructor(readonly config: Config = {}) {
    super();
  }
  override value(output: Tensor): number {
    if (this.config['infinite'] === true) return -Infinity;
    return output.toArray().reduce((sum, value) => sum + value * value, 0) / 2;
  }
  override gradient(output: Tensor): Tensor {
    return output.clone();
  }
  override getConfig(): Config {
    return this.config;
  }
}

beforeAll(async () => {
  await init();
  registerLayer('Own', (config) => new Own(config));
  registerLoss('OwnLoss', (config) => new OwnLoss(config));
});

const names = fc.constantFrom(
  ...['w', 'weights', '重み', 'a/b', 'a b', 'constructor', '__proto__', 'layers_0_x', 'state_w'],
  ...['../up', 'x.npy', "it's", '1_w', 'lamella', '"', '\\', '\u0000', ''],
);
/** Plain data, as JSON has it. */
const plain = fc
  .jsonValue({ maxDepth: 3 })
  .map((value) => JSON.parse(JSON.stringify(value).replaceAll('__proto__', 'proto')) as unknown);

const option = <Value>(...all: readonly Value[]): fc.Arbitrary<Value | undefined> =>
  fc.constantFrom(undefined, ...all);
/** A configuration without the options that are undefined. */
const config = (type: string, options: Record<string, fc.Arbitrary<unknown>> = {}) =>
  fc
    .record(options)
    .map((record): LayerConfig => JSON.parse(JSON.stringify({ type, ...record })) as LayerConfig);

const own = config('Own', { name: names, some_key: plain, someKey: plain, layers: plain });
/** Layers that keep any shape. */
const keeping = fc.oneof(
  own,
  config('ReLU'),
  config('GELU'),
  config('Sigmoid'),
  config('Tanh'),
  config('Swish'),
  config('PReLU', { alpha: option(0.1, -0.5) }),
  config('LeakyReLU', { alpha: option(0.2) }),
  config('Softmax', { temperature: option(1, 2, 0.1), axis: option(0, -1) }),
  config('Dropout', { probability: option(0, 0.3, 1) }),
  config('LayerNormalization', { epsilon: option(1e-3), axis: option(0, -1) }),
);
const bias = {
  noBias: option(true, false),
  initialization: option('he', 'xavier', 'auto', 'glorotUniform', 'lecunNormal', 'zeros'),
};
const normalization = { momentum: option(0.5, 0.99), epsilon: option(1e-3) };

const vectorLayer = fc.letrec<{ layer: LayerConfig; block: LayerConfig }>((tie) => ({
  layer: fc.oneof(
    { maxDepth: 2, depthIdentifier: 'blocks' },
    keeping,
    config('Dense', { outputSize: fc.constant(4), ...bias }),
    config('BatchNormalization', normalization),
    config('Reshape', { targetShape: fc.constant([4]) }),
    tie('block'),
  ),
  block: config('Residual', {
    layers: fc.array(tie('layer'), { minLength: 1, maxLength: 3, depthIdentifier: 'blocks' }),
    shortcut: fc.oneof(
      fc.constant(undefined),
      fc.array(tie('layer'), { minLength: 1, maxLength: 2, depthIdentifier: 'blocks' }),
    ),
  }),
})).layer;

const same = config('Convolutional', {
  outputDepth: fc.constant(4),
  kernelSize: fc.constantFrom(1, 2, 3),
  padding: fc.constant('same'),
  groups: option(2),
  dilation: option(1, 2),
  ...bias,
});
const pooling = { poolSize: option(1, 2, 3), stride: option(1, 2, 3) };
const imageLayer = fc.oneof(
  keeping,
  same,
  config('Convolutional', {
    outputDepth: fc.constant(4),
    kernelSize: fc.constantFrom(1, 2, 3),
    padding: option<number | string>(0, 1, 'valid'),
    stride: option(1, 2),
    ...bias,
  }),
  config('Dense', { outputSize: fc.constant(4), axis: option(0, 1, -1), ...bias }),
  config('BatchNormalization2D', normalization),
  config('MaxPooling2D', pooling),
  config('AveragePooling2D', pooling),
  config('Residual', {
    layers: fc.array(fc.oneof(same, config('BatchNormalization2D', normalization), own), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
);
const end = fc.oneof(config('Flatten'), config('GlobalAveragePooling2D'));

interface Recipe {
  readonly inputShape: Shape;
  readonly layers: readonly LayerConfig[];
  readonly loss: LayerConfig | undefined;
  readonly optimizer: LayerConfig | undefined;
  readonly frozen: readonly boolean[];
  readonly seed: number;
  readonly steps: number;
}

const layers = fc.oneof(
  fc.record({
    inputShape: fc.constant([4]),
    layers: fc.array(vectorLayer, { minLength: 1, maxLength: 5 }),
  }),
  fc
    .tuple(
      fc.array(imageLayer, { minLength: 1, maxLength: 4 }),
      end,
      fc.array(keeping, { maxLength: 2 }),
    )
    .map(([images, last, vectors]) => ({
      inputShape: [4, 9, 8],
      layers: [...images, last, ...vectors],
    })),
);
const recipe: fc.Arbitrary<Recipe> = fc
  .tuple(
    layers,
    fc.record({
      loss: fc.oneof(
        fc.constant(undefined),
        config('MSE'),
        config('Huber', { delta: option(0.5) }),
        config('CategoricalCrossEntropy', { temperature: option(1, 2), axis: option(0) }),
        config('SparseCategoricalCrossEntropy'),
        config('BinaryCrossEntropy'),
        config('OwnLoss', { infinite: option(true), some_key: plain }),
      ),
      optimizer: fc.oneof(
        fc.constant(undefined),
        config('SGD', {
          learningRate: option(0.001, 0),
          momentum: option(0, 0.9),
          weightDecay: option(0, 0.01),
          regularization: option('L1', 'L2'),
          clipNorm: option(1),
        }),
        config('RMSprop', { learningRate: option(0.001) }),
        config('Adam', { learningRate: option(0.001), clipNorm: option(0.5) }),
        config('AdamW', { weightDecay: option(0.1) }),
      ),
      frozen: fc.array(fc.boolean(), { maxLength: 5 }),
      seed: fc.constantFrom(0, 7, 2 ** 53 - 1),
      steps: fc.nat(3),
    }),
  )
  .map(([first, second]) => ({ ...first, ...second }));

const rows = 5;

function make({ inputShape, layers, loss, optimizer, frozen, seed }: Recipe): Model {
  const made = layers.map(layerFromConfig);
  for (const [i, layer] of made.entries()) if (frozen[i] === true) layer.trainable = false;
  return new Model(made, {
    inputShape,
    seed,
    ...(loss && { loss: lossFromConfig(loss) }),
    ...(optimizer && { optimizer: optimizerFromConfig(optimizer) }),
  });
}

async function train(model: Model, steps: number): Promise<void> {
  if (!model.loss || !model.optimizer || steps === 0) return;
  const size = model.outputShape.reduce((product, dim) => product * dim, 1);
  const classes = Array.from({ length: rows }, (_, i) => i % size);
  const hot = new Float32Array(rows * size);
  for (const [row, at] of classes.entries()) hot[row * size + at] = 1;
  const sparse = model.loss.type.startsWith('Sparse');
  const y = sparse ? tensor(classes) : tensor(hot, [rows, ...model.outputShape]);
  // An epoch, and a part of another.
  const stop = new AbortController();
  let taken = 0;
  await model
    .train(noise([rows, ...model.inputShape]), y, {
      epochs: 3,
      batchSize: 3,
      signal: stop.signal,
      onBatch: () => {
        taken += 1;
        if (taken === steps) stop.abort('enough');
      },
    })
    .catch((reason: unknown) => {
      if (reason !== 'enough') throw reason;
    });
}

const trainables = (layers: readonly Layer[]): unknown[] =>
  layers.map((layer) =>
    layer instanceof Residual
      ? [...trainables(layer.layers), ...trainables(layer.shortcut)]
      : layer.trainable,
  );
/** The bytes as a text, which Jest compares at once. */
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const bits = (t: Tensor): string => text(new Uint8Array(t.toArray().buffer));

test('a model comes back from every format as it was', async () => {
  let kept = 0;
  await fc.assert(
    fc.asyncProperty(recipe, async (all) => {
      let model: Model;
      try {
        model = make(all);
        await train(model, all.steps);
      } catch {
        // Layers that do not fit together, or a loss that does not fit them.
        return;
      }
      kept += 1;
      const x = noise([rows, ...all.inputShape], 3);
      const predicted = bits(model.predict(x));
      const configs = model.layers.map((layer) => layer.getConfig());

      const checkpoint = await saveCheckpoint(model);
      using resumed = await loadCheckpoint(checkpoint);
      expect(bits(resumed.predict(x))).toBe(predicted);
      expect(trainables(resumed.layers)).toEqual(trainables(model.layers));
      expect(resumed.layers.map((layer) => layer.getConfig())).toEqual(configs);
      expect(text(await saveCheckpoint(resumed))).toBe(text(checkpoint));

      const npz = await saveNpz(model);
      using loaded = await loadNpz(npz);
      expect(bits(loaded.predict(x))).toBe(predicted);
      expect(trainables(loaded.layers)).toEqual(
        trainables(model.layers.slice(0, loaded.layers.length)),
      );
      for (const [i, layer] of loaded.layers.entries()) {
        expect(layer.getConfig()).toMatchObject(configs[i] as Config);
      }
      expect(loaded.inputShape).toEqual(all.inputShape);
      expect(loaded.outputShape).toEqual(model.outputShape);

      using other = make({ ...all, seed: 99, loss: undefined, optimizer: undefined });
      using plainModel = new Model(model.layers, { inputShape: all.inputShape });
      await loadSafetensors(other, await saveSafetensors(plainModel));
      expect(bits(other.predict(x))).toBe(bits(plainModel.predict(x)));
    }),
    { numRuns: 150, seed: 17 },
  );
  // Most recipes are models.
  expect(kept).toBeGreaterThan(75);
}, 120_000);

test('arrays come back from safetensors under any name, or are refused', async () => {
  const array = fc.array(fc.nat(3), { maxLength: 4 }).map((shape): FileArray => {
    const size = shape.reduce((product, dim) => product * dim, 1);
    return { shape, data: Float32Array.from({ length: size }, (_, i) => i - 0.5) };
  });
  const name = fc.oneof(fc.string({ unit: 'binary' }), names, fc.constantFrom('0', '17', 'F32'));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(name, array), { maxLength: 5 }), async (entries) => {
      const arrays = new Map(entries);
      if (arrays.has('__proto__')) {
        await expectRejection(() => writeSafetensors(arrays), ValueError, '__proto__');
        return;
      }
      const read = await readSafetensors(await writeSafetensors(arrays));
      expect(new Map([...read].sort())).toEqual(new Map([...arrays].sort()));
    }),
    { numRuns: 200, seed: 17 },
  );
});

describe.each<[problem: string, arrays: Map<string, FileArray>, part: string]>([
  [
    'a name that is not Unicode',
    new Map([['\ud800', { shape: [], data: new Float32Array(1) }]]),
    '',
  ],
  [
    'the name of the metadata',
    new Map([['__metadata__', { shape: [], data: new Float32Array(1) }]]),
    '__metadata__',
  ],
  [
    'fewer numbers than the shape has',
    new Map([['a', { shape: [2, 3], data: new Float32Array(5) }]]),
    '5 numbers for shape [2, 3]',
  ],
  ['a shape of fractions', new Map([['a', { shape: [0.5, 2], data: new Float32Array(1) }]]), 'a'],
  [
    '40 dimensions',
    new Map([['a', { shape: Array<number>(40).fill(1), data: new Float32Array(1) }]]),
    '40',
  ],
])('writeSafetensors of %s', (_, arrays, part) => {
  test('is refused', async () => {
    await expectRejection(() => writeSafetensors(arrays), ValueError, part);
  });
});

const both = [saveNpz, saveCheckpoint] as const;
const load = { saveNpz: loadNpz, saveCheckpoint: loadCheckpoint };

test.each(both)('%p: a custom layer comes first', async (save) => {
  const model = new Model([new Own({}), new Dense(1)], { inputShape: [2] });
  const loaded = await load[save.name as keyof typeof load](await save(model));
  expect(loaded.inputShape).toEqual([2]);
  expect(values(loaded.predict([[1, 2]]))).toEqual(values(model.predict([[1, 2]])));
});

test.each([
  [3, 2],
  [2, 3],
  [1, 2],
  [2, 1],
  [3, 3],
  [2, 2],
])('saveNpz keeps a pool of %i with a stride of %i', async (poolSize, stride) => {
  const model = new Model([new MaxPooling2D(poolSize, { stride })], { inputShape: [1, 9, 9] });
  const loaded = await loadNpz(await saveNpz(model));
  expect(loaded.layers[0]?.getConfig()).toMatchObject({ poolSize, stride });
  expect(loaded.outputShape).toEqual(model.outputShape);
});

test('saveNpz keeps a final activation that is the only layer', async () => {
  const model = new Model([new Softmax()], {
    inputShape: [3],
    loss: new CategoricalCrossEntropy(),
  });
  const loaded = await loadNpz(await saveNpz(model));
  expect(values(loaded.predict([[1, 2, 3]]))).toEqual(values(model.predict([[1, 2, 3]])));
});

test.each(both)('%p keeps biases by hand before normalization, within a block', async (save) => {
  const dense = new Dense(3);
  const model = new Model([new Residual([dense, new BatchNormalization()])], { inputShape: [3] });
  dense.initWeights('he', false);
  const loaded = await load[save.name as keyof typeof load](await save(model));
  expect(values(loaded.predict([[1, 2, 3]]))).toEqual(values(model.predict([[1, 2, 3]])));
});

test.each(both)('%p: what a configuration has and JSON has not is refused', async (save) => {
  const cases: [Config, string][] = [
    [{ limit: Infinity }, 'limit'],
    [{ deep: { list: [1, NaN] } }, 'NaN'],
    [{ at: new Date(0) }, 'at'],
    [{ data: new Float32Array(2) }, 'data'],
    [{ list: [undefined] }, 'list'],
    [{ act: () => 1 }, 'plain data'],
    [{ big: 1n }, 'big'],
    [{ type: 'other' }, 'type'],
    [JSON.parse('{"__proto__":1}') as Config, '__proto__'],
  ];
  const ring: Record<string, unknown> = {};
  ring['ring'] = ring;
  cases.push([ring, 'in itself']);
  for (const [config, part] of cases) {
    const model = new Model([new Own(config)], { inputShape: [1] });
    const error = await expectRejection(() => save(model), ValueError, part);
    expect(error.message.length).toBeLessThanOrEqual(300);
    const nested = new Model([new Residual([new ReLU(), new Own(config)])], { inputShape: [1] });
    await expectRejection(() => save(nested), ValueError, part);
    const loss = new Model([new ReLU()], { inputShape: [1], loss: new OwnLoss(config) });
    await expectRejection(() => save(loss), ValueError, part);
  }
});

test.each([...both, saveSafetensors])('%p: two arrays of one name are refused', async (save) => {
  class Twice extends Own {
    override get params(): Record<string, Parameter> {
      const value = zeros([1]);
      return { state_x: { value, gradient: value }, y: { value, gradient: value } };
    }
    override get state(): Record<string, Tensor> {
      return { x: zeros([1]), y: zeros([1]) };
    }
  }
  const model = new Model([new Twice({})], { inputShape: [1] });
  await expectRejection(() => save(model), ValueError, 'two of its arrays');
});

test.each(both)('%p: blocks nested deeper than a file may have them are refused', async (save) => {
  let layer: Layer = new ReLU();
  for (let i = 0; i < 40; i++) layer = new Residual([layer]);
  const model = new Model([layer], { inputShape: [1] });
  await expectRejection(() => save(model), ValueError, 'deep');
});

test('a best loss of minus infinity is kept', async () => {
  const model = new Model([new Dense(1, { inputSize: 1 })], {
    loss: new OwnLoss({ infinite: true }),
    optimizer: new SGD({ learningRate: 0 }),
  });
  await model.train([[1]], [[1]], { onNonFinite: 'continue' });
  const bytes = await saveCheckpoint(model);
  expect(await saveCheckpoint(await loadCheckpoint(bytes))).toEqual(bytes);
});

test('a custom layer that fails while weights are loaded leaves the model as it was', async () => {
  class Failing extends Own {
    override loadParams(): void {
      throw new RangeError('mine');
    }
  }
  const make = (seed: number, last: Layer): Model =>
    new Model([new Dense(2, { inputSize: 2 }), last], { seed });
  const bytes = await saveSafetensors(make(1, new Own({})));
  const to = make(2, new Failing({}));
  const before = values((to.layers[0] as Dense).weights);
  await expect(loadSafetensors(to, bytes)).rejects.toThrow('mine');
  expect(values((to.layers[0] as Dense).weights)).toEqual(before);
});

test('saving and loading leave nothing behind that dispose() does not free', async () => {
  const floats = 2 ** 20;
  const round = async (): Promise<void> => {
    const make = (): Model =>
      new Model([new Dense(1024, { inputSize: 1024 }), new BatchNormalization()], {
        loss: new Huber(),
        optimizer: new Adam(),
      });
    const model = make();
    await saveSafetensors(model);
    await saveNpz(model);
    const file = await saveCheckpoint(model);
    (await loadCheckpoint(file)).dispose();
    const other = make();
    await loadSafetensors(other, await saveSafetensors(model));
    other.dispose();
    model.dispose();
  };
  await round();
  const heap = tensor([1]).view().buffer.byteLength;
  for (let i = 0; i < 6; i++) await round();
  expect(tensor([1]).view().buffer.byteLength - heap).toBeLessThan(4 * floats);
});
