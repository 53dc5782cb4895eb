// A resumed run ends with exactly the weights of an uninterrupted one.
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  Adam,
  BatchNormalization,
  BatchNormalization2D,
  CategoricalCrossEntropy,
  type Config,
  Convolutional,
  Dense,
  Dropout,
  Flatten,
  FormatError,
  init,
  Layer,
  loadCheckpoint,
  loadNpz,
  Loss,
  Model,
  MSE,
  oneHot,
  registerLayer,
  registerLoss,
  ReLU,
  Residual,
  saveCheckpoint,
  saveNpz,
  saveSafetensors,
  type Shape,
  Softmax,
  type Tensor,
  tensor,
  type TrainOptions,
  ValueError,
  zeros,
} from 'lamella';
import { noise, rejection, runInNode } from '../support.js';

let folder: string;
beforeAll(async () => {
  await init();
  folder = await mkdtemp(join(tmpdir(), 'lamella-'));
});
afterAll(() => rm(folder, { recursive: true }));

const rows = 50;
const options: TrainOptions = { batchSize: 8, validationSplit: 0.1 };

/** Everything in which a resumed run could differ: dropout, running means, Adam, shuffling. */
function makeModel(): Model {
  const layers = [
    new Convolutional(3, 3, { padding: 'same' }),
    new BatchNormalization2D(),
    new ReLU(),
    new Dropout(0.3),
    new Flatten(),
    new Dense(12),
    new BatchNormalization(),
    new ReLU(),
    new Dropout(0.5),
    new Dense(4),
    new Softmax(),
  ];
  return new Model(layers, {
    loss: new CategoricalCrossEntropy(),
    optimizer: new Adam({ learningRate: 0.01 }),
    seed: 11,
    inputShape: [2, 6, 6],
  });
}

const data = (): { x: Tensor; y: Tensor } => ({
  x: noise([rows, 2, 6, 6]),
  y: oneHot(
    Array.from({ length: rows }, (_, i) => i % 4),
    4,
  ),
});

/** SHA-256 over all weights and running means. */
function hash(model: Model): string {
  const sha = createHash('sha256');
  for (const layer of model.layers) {
    for (const { value } of Object.values(layer.params)) {
      sha.update(new Uint8Array(value.toArray().buffer));
    }
    for (const value of Object.values(layer.state)) {
      sha.update(new Uint8Array(value.toArray().buffer));
    }
  }
  return sha.digest('hex');
}

async function train(model: Model, epochs: number, more: TrainOptions = {}): Promise<void> {
  const { x, y } = data();
  await model.train(x, y, { ...options, ...more, epochs });
}

/** Trains until so many steps were taken in this call, then aborts. */
async function trainSteps(model: Model, steps: number): Promise<void> {
  const stop = new AbortController();
  let taken = 0;
  const reason = await rejection(() =>
    train(model, 100, {
      signal: stop.signal,
      onBatch: () => {
        taken += 1;
        if (taken === steps) stop.abort(new Error('enough'));
      },
    }),
  );
  expect((reason as Error).message).toBe('enough');
}

async function uninterrupted(epochs: number): Promise<string> {
  const model = makeModel();
  await train(model, epochs);
  return hash(model);
}

test('two epochs, saved, and two more in a new process give the weights of four', async () => {
  const model = makeModel();
  await train(model, 2);
  const file = join(folder, 'two.npz');
  await writeFile(file, await saveCheckpoint(model));
  const { x, y } = data();
  await writeFile(join(folder, 'x'), x.toArray());
  await writeFile(join(folder, 'y'), y.toArray());
  const resumed = await runInNode(`
    import { createHash } from 'node:crypto';
    import { readFileSync } from 'node:fs';
    import { init, loadCheckpoint, tensor } from './dist/index.js';
    await init();
    const numbers = (name) => new Float32Array(new Uint8Array(readFileSync(name)).buffer);
    const x = tensor(numbers(${JSON.stringify(join(folder, 'x'))}), [${rows}, 2, 6, 6]);
    const y = tensor(numbers(${JSON.stringify(join(folder, 'y'))}), [${rows}, 4]);
    const model = await loadCheckpoint(readFileSync(${JSON.stringify(file)}));
    await model.train(x, y, { ...${JSON.stringify(options)}, epochs: 2 });
    const sha = createHash('sha256');
    for (const layer of model.layers) {
      for (const { value } of Object.values(layer.params)) {
        sha.update(new Uint8Array(value.toArray().buffer));
      }
      for (const value of Object.values(layer.state)) {
        sha.update(new Uint8Array(value.toArray().buffer));
      }
    }
    report(sha.digest('hex'));
  `);
  expect(resumed).toBe(await uninterrupted(4));
});

test.each([1, 4, 6, 9])('a run stopped after %i steps goes on within its epoch', async (steps) => {
  const stopped = makeModel();
  await trainSteps(stopped, steps);
  const resumed = await loadCheckpoint(await saveCheckpoint(stopped));
  // 45 samples in batches of 8 are 6 steps: after 6 the epoch is complete.
  const begun = Math.floor(steps / 6);
  await train(resumed, 3 - begun, { resume: true });
  expect(hash(resumed)).toBe(await uninterrupted(3));
  // The same without a file in between.
  await train(stopped, 3 - begun, { resume: true });
  expect(hash(stopped)).toBe(await uninterrupted(3));
});

test('without `resume` a new epoch begins', async () => {
  const model = makeModel();
  await trainSteps(model, 2);
  let batches = 0;
  await train(model, 1, { onBatch: () => (batches += 1) });
  expect(batches).toBe(6);
});

test('an epoch cannot go on with other data', async () => {
  const model = makeModel();
  await trainSteps(model, 2);
  const error = await rejection(() => train(model, 1, { resume: true, validationSplit: 0 }));
  expect(error).toBeInstanceOf(ValueError);
  expect((error as Error).message).toContain('45 samples, got 50');
});

test('a checkpoint is the same whenever it is written, and after loading', async () => {
  const model = makeModel();
  await trainSteps(model, 3);
  const bytes = await saveCheckpoint(model);
  expect(await saveCheckpoint(model)).toEqual(bytes);
  expect(await saveCheckpoint(await loadCheckpoint(bytes))).toEqual(bytes);
});

test('a file has the model as it was at the call, whatever becomes of it then', async () => {
  const model = makeModel();
  await trainSteps(model, 3);
  const bytes = await saveCheckpoint(model);
  const writing = saveCheckpoint(model);
  (model.layers[5] as Dense).initWeights('he', false);
  model.dispose();
  expect(await writing).toEqual(bytes);
});

/** Keeps no promise that a layer need not: knows no input shape, and changes what it has told. */
class Lax extends Layer {
  readonly history: number[] = [];
  override build(inputShape: Shape): void {
    this.outputShape = inputShape;
  }
  override forward(input: Tensor): Tensor {
    this.history.push(this.history.length);
    return input.clone();
  }
  override backward(gradient: Tensor): Tensor {
    return gradient.clone();
  }
  override getConfig(): Config {
    return { history: this.history };
  }
}

test.each([saveNpz, saveCheckpoint, saveSafetensors])(
  '%p takes any layer, as it was',
  async (save) => {
    const model = new Model([new Dense(2, { inputSize: 2 }), new Lax()]);
    const before = await save(model);
    const writing = save(model);
    model.predict([[1, 2]]).dispose();
    expect(await writing).toEqual(before);
  },
);

test('a file that is being read may be overwritten', async () => {
  const bytes = await saveCheckpoint(makeModel());
  const reading = loadCheckpoint(bytes);
  bytes.fill(0);
  expect(hash(await reading)).toBe(hash(makeModel()));
});

test('an optimizer of parameters that are no more is refused when writing', async () => {
  const layers = [new Dense(3, { inputSize: 2 }), new Dense(1)];
  const model = new Model(layers, { loss: new MSE(), optimizer: new Adam(), seed: 1 });
  model.trainBatch(tensor([[1, 2]]), tensor([[3]]));
  await loadCheckpoint(await saveCheckpoint(model));
  layers[1]?.initWeights('he', true);
  await expect(saveCheckpoint(model)).rejects.toThrow('cannot be saved: its optimizer');
  await expect(saveNpz(model)).rejects.toThrow('cannot be saved: its optimizer');
  await saveSafetensors(model);
});

test('a layer of a class without a constructor is loaded', async () => {
  class Double extends Layer {
    static override readonly type: string = 'Double';
    override forward(input: Tensor): Tensor {
      return tensor(input.toArray().map((value) => 2 * value), input.shape); // prettier-ignore
    }
    override backward(gradient: Tensor): Tensor {
      return this.forward(gradient);
    }
  }
  registerLayer(Double);
  const model = new Model([new Dense(3, { inputSize: 2 }), new Double()], { seed: 1 });
  const loaded = await loadNpz(await saveNpz(model));
  expect(loaded.predict([[1, 2]]).toArray()).toEqual(model.predict([[1, 2]]).toArray());
});

test('a model that has taken no step can be saved', async () => {
  const model = await loadCheckpoint(await saveCheckpoint(makeModel()));
  await train(model, 2);
  expect(hash(model)).toBe(await uninterrupted(2));
});

test('the learning rate at the moment is kept', async () => {
  const model = makeModel();
  await train(model, 1);
  if (model.optimizer) model.optimizer.learningRate = 0.0625;
  const resumed = await loadCheckpoint(await saveCheckpoint(model));
  expect(resumed.optimizer?.learningRate).toBe(0.0625);
});

test('an .npz for others is no checkpoint', async () => {
  const model = makeModel();
  const error = await rejection(async () => loadCheckpoint(await saveNpz(model)));
  expect(error).toBeInstanceOf(FormatError);
  expect(hash(await loadNpz(await saveCheckpoint(model)))).toBe(hash(model));
});

test('biases that were asked for by hand before batch normalization are kept', async () => {
  const dense = new Dense(3, { inputSize: 2 });
  const model = new Model([dense, new BatchNormalization()]);
  dense.initWeights('he', false);
  const loaded = await loadCheckpoint(await saveCheckpoint(model));
  expect(hash(loaded)).toBe(hash(model));
});

test('own layers and losses, blocks and frozen layers come back', async () => {
  /** x * factor; draws nothing, has a state. */
  class Scale extends Layer {
    readonly #calls = zeros([1]);
    constructor(readonly factor: number) {
      super();
    }
    override forward(input: Tensor): Tensor {
      this.#calls.set([(this.#calls.view()[0] ?? 0) + 1]);
      return tensor(
        input.toArray().map((value) => value * this.factor),
        input.shape,
      );
    }
    override backward(gradient: Tensor): Tensor {
      return this.forward(gradient);
    }
    override get state(): Record<string, Tensor> {
      return { calls: this.#calls };
    }
    override set state(values: Record<string, Tensor>) {
      this.#calls.set((values['calls'] as Tensor).view());
    }
    override getConfig(): Config {
      return { some_factor: this.factor };
    }
  }
  class Halved extends Loss {
    override value(output: Tensor, expected: Tensor): number {
      return new MSE().value(output, expected) / 2;
    }
    override gradient(output: Tensor, expected: Tensor): Tensor {
      const whole = new MSE().gradient(output, expected).toArray();
      return tensor(
        whole.map((value) => value / 2),
        output.shape,
      );
    }
  }
  registerLayer('Scale', (config) => new Scale(config['some_factor'] as number));
  registerLoss('Halved', () => new Halved());
  const make = (): Model =>
    new Model(
      [
        new Dense(4, { inputSize: 3 }),
        new Residual([new Dense(4), new Dropout(0.5), new Dense(4)]),
        new Scale(1.5),
        new Dense(2),
      ],
      { loss: new Halved(), optimizer: new Adam({ learningRate: 0.01 }), seed: 3 },
    );
  const [x, y] = [noise([10, 3], 4), noise([10, 2], 5)];
  const whole = make();
  const half = make();
  for (const model of [whole, half]) {
    (model.layers[1] as Residual).layers.forEach((layer, i) => (layer.trainable = i > 0));
  }
  await whole.train(x, y, { epochs: 4, batchSize: 4 });
  await half.train(x, y, { epochs: 2, batchSize: 4 });
  const resumed = await loadCheckpoint(await saveCheckpoint(half));
  expect(resumed.layers.map(({ type }) => type)).toEqual(['Dense', 'Residual', 'Scale', 'Dense']);
  expect((resumed.layers[1] as Residual).layers.map((layer) => layer.trainable)).toEqual([
    false,
    true,
    true,
  ]);
  await resumed.train(x, y, { epochs: 2, batchSize: 4 });
  expect(hash(resumed)).toBe(hash(whole));
});

test('a checkpoint keeps the number of epochs', async () => {
  const model = makeModel();
  expect(model.epochs).toBe(0);
  await train(model, 2);
  const loaded = await loadCheckpoint(await saveCheckpoint(model));
  expect(loaded.epochs).toBe(2);
  await train(loaded, 1);
  expect(loaded.epochs).toBe(3);
});

test('patience counts the epochs before a checkpoint', async () => {
  // A learning rate of 0: the first epoch is the best one, and none is better.
  const stuck = (): Model =>
    new Model([new Dense(1, { inputSize: 2 })], {
      loss: new MSE(),
      optimizer: new Adam({ learningRate: 0 }),
    });
  const [x, y] = [noise([8, 2]), noise([8, 1])];
  const more = { patience: 4, shuffle: false };
  const epochs = async (model: Model, options: TrainOptions): Promise<number> =>
    (await model.train(x, y, { ...more, ...options })).length;
  expect(await epochs(stuck(), { epochs: 20 })).toBe(5);

  const model = stuck();
  expect(await epochs(model, { epochs: 3 })).toBe(3);
  const saved = await saveCheckpoint(model);
  expect(await epochs(await loadCheckpoint(saved), { epochs: 20, resume: true })).toBe(2);
  expect(await epochs(await loadCheckpoint(saved), { epochs: 20 })).toBe(5);
  expect(await saveCheckpoint(await loadCheckpoint(saved))).toEqual(saved);
});
