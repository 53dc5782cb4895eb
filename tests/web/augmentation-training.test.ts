// Models whose first layers change their images at random: training, resuming, files, workers, memory.
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { beforeAll, expect, test } from '@jest/globals';
import {
  Adam,
  CategoricalCrossEntropy,
  Convolutional,
  Dense,
  Flatten,
  init,
  type Layer,
  loadCheckpoint,
  loadNpz,
  loadSafetensors,
  MaxPooling2D,
  Model,
  oneHot,
  registerLayer,
  ReLU,
  saveCheckpoint,
  saveNpz,
  saveSafetensors,
  tensor,
  type Tensor,
} from 'lamella';
import {
  augmentations,
  RandomBrightness,
  RandomContrast,
  RandomFlip,
  RandomRotation,
  RandomTranslation,
  RandomZoom,
} from 'lamella/images';
import { createWorkerClient } from 'lamella/worker';
import { numbers, runInNode, values } from './support.js';

beforeAll(async () => {
  await init();
  for (const Class of augmentations) registerLayer(Class);
});

const size = 8;
const count = 30;

/** Images of two classes, a bright bar that stands or lies, somewhere. */
function bars(): { x: Tensor; y: Tensor } {
  const pixels = numbers(count * size * size, 4).map((value) => 0.1 + 0.1 * value);
  const labels = Array.from({ length: count }, (_, i) => i % 2);
  for (const [i, label] of labels.entries()) {
    for (let along = 0; along < size; along++) {
      const across = 2 + (i % 5);
      const [row, column] = label === 0 ? [along, across] : [across, along];
      pixels[i * size * size + row * size + column] = 0.9;
    }
  }
  return { x: tensor(pixels, [count, 1, size, size]), y: oneHot(labels, 2) };
}

function augmenting(): Layer[] {
  return [
    new RandomFlip('horizontal'),
    new RandomRotation(0.02, { fillMode: 'nearest' }),
    new RandomTranslation(0.1, 0.1, { seed: 2 }),
    new RandomZoom(0.1),
    new RandomBrightness(0.1),
    new RandomContrast(0.1),
  ];
}

/** The layers after the augmentation, not yet built. */
function network(): Layer[] {
  return [new Convolutional(4, 3), new ReLU(), new MaxPooling2D(2), new Flatten(), new Dense(2)];
}

function make(first = augmenting()): Model {
  return new Model([...first, ...network()], {
    loss: new CategoricalCrossEntropy(),
    optimizer: new Adam({ learningRate: 0.01 }),
    inputShape: [1, size, size],
    seed: 3,
  });
}

/** Everything that a model has learned and the positions of its draws. */
function numbersOf(model: Model): number[][] {
  return model.layers.flatMap(({ params, state }) => [
    ...Object.values(params).map(({ value }) => values(value)),
    ...Object.values(state).map(values),
  ]);
}

test('a model trains, and predicts of the images as they are', async () => {
  const { x, y } = bars();
  const model = make();
  const history = await model.train(x, y, { epochs: 60, batchSize: 10 });
  expect(history.at(-1)?.loss).toBeLessThan((history[0]?.loss ?? 0) / 3);
  expect(values(model.predict(x))).toEqual(values(model.predict(x)));
  const plain = new Model(model.layers.slice(6), { inputShape: [1, size, size] });
  expect(values(plain.predict(x))).toHaveLength(2 * count);
  const positions = model.layers
    .slice(0, 6)
    .map(({ state }) => values(state['position'] as Tensor));
  expect(positions).toEqual(Array.from({ length: 6 }, () => [60 * count, 0]));
});

test('two runs are the same; another seed of a layer is another run', async () => {
  const { x, y } = bars();
  const run = async (seed: number): Promise<number[][]> => {
    const model = make([new RandomFlip('horizontal', { seed }), new RandomRotation(0.1)]);
    await model.train(x, y, { epochs: 2, batchSize: 7 });
    return numbersOf(model);
  };
  expect(await run(1)).toEqual(await run(1));
  expect(await run(1)).not.toEqual(await run(2));
});

test('4 epochs are 2, a checkpoint and 2 more, bit for bit', async () => {
  const { x, y } = bars();
  const [whole, part] = [make(), make()];
  await whole.train(x, y, { epochs: 4, batchSize: 7 });
  await part.train(x, y, { epochs: 2, batchSize: 7 });
  const file = await saveCheckpoint(part);
  expect(numbersOf(part)).not.toEqual(numbersOf(whole));
  const resumed = await loadCheckpoint(file);
  expect(resumed.layers.map(({ type }) => type)).toEqual(whole.layers.map(({ type }) => type));
  expect(resumed.layers.map((layer) => layer.getConfig())).toEqual(
    part.layers.map((layer) => layer.getConfig()),
  );
  await resumed.train(x, y, { epochs: 2, batchSize: 7 });
  expect(numbersOf(resumed)).toEqual(numbersOf(whole));
});

test('a worker that registers them trains and resumes to the same bits', async () => {
  const { x, y } = bars();
  const whole = make();
  await whole.train(x, y, { epochs: 4, batchSize: 7 });
  using client = await createWorkerClient<{ type: string }>({
    worker: new Worker(join(import.meta.dirname, '../fixtures/workers/augmentations.mjs')),
    variant: (await init()).variant,
  });
  const layers = [...augmenting(), ...network()].map(
    (layer) => layer.getConfig() as { type: string },
  );
  const data = (): [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] => [
    x.toArray(),
    y.toArray(),
  ];
  using remote = await client.model(layers, {
    loss: { type: 'CategoricalCrossEntropy' },
    optimizer: { type: 'Adam', learningRate: 0.01 },
    inputShape: [1, size, size],
    seed: 3,
  });
  await remote.train(...data(), { epochs: 2, batchSize: 7 });
  const file = await remote.saveCheckpoint();
  using resumed = await client.loadCheckpoint(file);
  await resumed.train(...data(), { epochs: 2, batchSize: 7 });
  expect(numbersOf(await loadCheckpoint(await resumed.saveCheckpoint()))).toEqual(numbersOf(whole));
});

test('.npz and .safetensors hold the layers and their positions', async () => {
  const { x, y } = bars();
  const model = make();
  await model.train(x, y, { epochs: 1, batchSize: 7 });
  const loaded = await loadNpz(await saveNpz(model));
  expect(numbersOf(loaded)).toEqual(numbersOf(model));
  expect(values(loaded.predict(x))).toEqual(values(model.predict(x)));
  const fresh = make();
  await loadSafetensors(fresh, await saveSafetensors(model));
  expect(numbersOf(fresh)).toEqual(numbersOf(model));
});

test('gradients reach the layers before them', async () => {
  const { x, y } = bars();
  const model = new Model(
    [new Convolutional(1, 1), ...augmenting().slice(0, 4), new Flatten(), new Dense(2)],
    {
      loss: new CategoricalCrossEntropy(),
      optimizer: new Adam({ learningRate: 0.01 }),
      inputShape: [1, size, size],
    },
  );
  const kernel = (): number[] => values(model.layers[0]?.params['kernels']?.value as Tensor);
  const before = kernel();
  await model.train(x, y, { batchSize: 10 });
  expect(kernel()).not.toEqual(before);
});

// In a process of its own: what Jest makes of the global Math takes a hundred times as long.
test('memory stays as it is over 1000 calls', async () => {
  const report = await runInNode(`
    import { Adam, CategoricalCrossEntropy, Convolutional, Dense, Flatten, init, Model, oneHot, tensor } from 'lamella';
    import { augmentations } from 'lamella/images';
    await init();
    const x = tensor(new Float32Array(30 * 64).fill(0.5), [30, 1, 8, 8]);
    const y = oneHot(Array.from({ length: 30 }, (_, i) => i % 2), 2);
    const make = () => augmentations.map((Class) =>
      Class.type === 'RandomFlip' ? new Class() : Class.type === 'RandomTranslation' ? new Class(0.1, 0.1) : new Class(0.1));
    const model = new Model([...make(), new Convolutional(4, 3), new Flatten(), new Dense(2)], {
      loss: new CategoricalCrossEntropy(), optimizer: new Adam(), inputShape: [1, 8, 8],
    });
    const layers = make();
    const once = () => {
      model.trainBatch(x, y);
      for (const layer of layers) {
        const output = layer.forward(x);
        layer.backward(output).dispose();
        output.dispose();
        layer.forward(x, false);
      }
      for (const layer of make()) layer.dispose();
    };
    const bytes = () => x.view().buffer.byteLength;
    for (let i = 0; i < 3; i++) once();
    const before = bytes();
    for (let i = 0; i < 1000; i++) once();
    report([before, bytes()]);
  `);
  const [before, after] = report as [number, number];
  expect(after).toBe(before);
  // The tensors of a thousand calls would not fit in.
  expect(before).toBeLessThan(1000 * 12 * 30 * 64 * 4);
});
