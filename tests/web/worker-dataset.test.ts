// Data sets, reports and answers of a model in a worker.
import { describe, expect, test } from '@jest/globals';
import {
  Adam,
  ArgumentTypeError,
  Dense,
  Dropout,
  layerToConfig,
  Model,
  ReLU,
  SparseCategoricalCrossEntropy,
  StateError,
  tensor,
  type Tensor,
  ValueError,
} from 'lamella';
import {
  ArrayDataset,
  type Dataset,
  type RemoteBatchProgress,
  type RemoteModel,
  type RemoteTensor,
  type RemoteTrainOptions,
} from 'lamella/worker';
import { expectRejection, rejection } from './support.js';
import { useClient } from './use-client.js';

const shared = useClient();

const samples = 40;
const bytes = () => Uint8Array.from({ length: 4 * samples }, (_, i) => (i * 37) % 256);
const labels = () => Uint8Array.from({ length: samples }, (_, i) => (i * i) % 3);
const floats = () => Float32Array.from(bytes(), (byte) => byte * (1 / 255));

const remote = (): Promise<RemoteModel> =>
  shared.client.model(
    [
      { type: 'Dense', outputSize: 8, inputSize: 4 },
      { type: 'ReLU' },
      { type: 'Dropout' },
      { type: 'Dense', outputSize: 3 },
    ],
    { loss: { type: 'SparseCategoricalCrossEntropy' }, optimizer: { type: 'Adam' }, seed: 7 },
  );
const local = (): Model =>
  new Model([new Dense(8, { inputSize: 4 }), new ReLU(), new Dropout(), new Dense(3)], {
    loss: new SparseCategoricalCrossEntropy(),
    optimizer: new Adam(),
    seed: 7,
  });

/** Gathered on this side. */
class Gathered implements Dataset {
  readonly length = samples;
  readonly calls: number[][] = [];
  readonly #data = new ArrayDataset({ x: bytes(), y: labels(), length: samples, scale: 1 / 255 });

  async gather(indices: Uint32Array, x: Float32Array, y: Float32Array): Promise<void> {
    this.calls.push(Array.from(indices));
    await new Promise((resolve) => setTimeout(resolve, 1));
    this.#data.gather(indices, x, y);
  }
}

async function expectSame(model: RemoteModel, wanted: Model): Promise<void> {
  for (const [i, layer] of wanted.layers.entries()) {
    for (const [name, { data }] of Object.entries(await model.params(i))) {
      expect(data).toEqual((layer.params[name]?.value as Tensor).toArray());
    }
  }
}

const options = { epochs: 3, batchSize: 7 };
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('a data set', () => {
  test('gathered on this side trains to the same bits', async () => {
    using wanted = local();
    const results = await wanted.train(floats(), labels(), { ...options, validationSplit: 0.25 });
    using model = await remote();
    const data = new Gathered();
    const own = await model.train(data, { ...options, validationSplit: 0.25 });
    expect(own.map(({ loss, validationLoss }) => [loss, validationLoss])).toEqual(
      results.map(({ loss, validationLoss }) => [loss, validationLoss]),
    );
    await expectSame(model, wanted);
    // Every sample once an epoch, be it trained or validated on.
    expect(data.calls.flat()).toHaveLength(3 * samples);
  });

  test('of arrays crosses once and is gathered there', async () => {
    using wanted = local();
    await wanted.train(floats(), labels(), options);
    using model = await remote();
    const [x, y] = [bytes(), labels()];
    const data = new ArrayDataset({ x, y, length: samples, scale: 1 / 255 });
    await model.train(data, { ...options, copy: true });
    expect(x).toHaveLength(4 * samples);
    await expectSame(model, wanted);
    await model.train(data, options);
    expect([x.length, y.length]).toEqual([0, 0]);
    await expectRejection(() => model.train(data), StateError, 'train: x is empty', 'copy: true');
  });

  test('of a class that extends ArrayDataset is gathered as that likes', async () => {
    let calls = 0;
    class Counted extends ArrayDataset {
      override gather(indices: Uint32Array, x: Float32Array, y: Float32Array): void {
        calls++;
        super.gather(indices, x, y);
      }
    }
    using wanted = local();
    await wanted.train(floats(), labels(), options);
    using model = await remote();
    const x = bytes();
    await model.train(new Counted({ x, y: labels(), length: samples, scale: 1 / 255 }), options);
    expect([calls, x.length]).toEqual([18, 4 * samples]);
    await expectSame(model, wanted);
  });

  test('is validated on, of either kind', async () => {
    const [wanted] = await local().train(floats(), labels(), {
      validationData: { x: floats(), y: labels() },
    });
    for (const validationData of [
      new Gathered(),
      new ArrayDataset({ x: bytes(), y: labels(), length: samples, scale: 1 / 255 }),
    ]) {
      using model = await remote();
      const [result] = await model.train(new Gathered(), { validationData });
      expect(result?.validationLoss).toBe(wanted?.validationLoss);
    }
  });

  test('whose gather fails ends the training with its error', async () => {
    const mine = new Error('mine');
    for (const how of ['throws', 'rejects']) {
      using model = await remote();
      let calls = 0;
      const inner = new Gathered();
      const failing: Dataset = {
        length: samples,
        gather: (...batch) => {
          if (calls++ < 3) return inner.gather(...batch);
          if (how === 'throws') throw mine;
          return Promise.reject(mine);
        },
      };
      expect(await rejection(() => model.train(failing, options))).toBe(mine);
      using wanted = local();
      await wanted.train(floats(), labels(), { batchSize: 7 });
      await model.train(inner, { batchSize: 7, resume: true });
      await expectSame(model, wanted);
    }
  });

  test('that gives its memory away ends the training', async () => {
    using model = await remote();
    const gather = (_: Uint32Array, x: Float32Array): void => {
      structuredClone(x, { transfer: [x.buffer as ArrayBuffer] });
    };
    const error = await rejection(() => model.train({ length: samples, gather }));
    expect(error).toBeInstanceOf(StateError);
    await model.train(new Gathered());
  });

  test('that never ends does not outlive an abort', async () => {
    using model = await remote();
    const controller = new AbortController();
    const reason = new Error('enough');
    const gather = () => new Promise<void>(() => undefined);
    const { signal } = controller;
    const training = model.train({ length: samples, gather }, { signal });
    setTimeout(() => controller.abort(reason), 20);
    expect(await rejection(() => training)).toBe(reason);
    await model.train(new Gathered());
  });

  test('that is none is refused', async () => {
    using model = await remote();
    const gather = (): void => undefined;
    await expectRejection(
      () => model.train({ length: 0, gather }),
      ValueError,
      'RemoteModel.train: dataset: length must be a whole number of at least 1, got 0',
    );
    await expectRejection(
      // @ts-expect-error -- a Dataset has its own y
      () => model.train({ length: 1, gather }, labels(), {}),
      ArgumentTypeError,
      'takes a Dataset and options, or x, y and options',
    );
    await expectRejection(
      // @ts-expect-error -- neither
      () => model.train(floats(), labels(), { validationData: 7 }),
      ArgumentTypeError,
      'validationData must be { x, y } or a Dataset, got 7',
    );
  });
});

describe('onBatch', () => {
  /** Trains on 400 samples, one a batch. */
  const train = async (onBatch: RemoteTrainOptions['onBatch'], epochs = 2): Promise<void> => {
    using model = await remote();
    const x = new Float32Array(4 * 400);
    await model.train(x, new Float32Array(400), { epochs, batchSize: 1, onBatch });
  };

  test('is told of every step, the last of an epoch at once', async () => {
    const reports: RemoteBatchProgress[] = [];
    await train((progress) => reports.push(progress));
    const steps = reports.flatMap(({ skipped, ...last }) => [...skipped, last]);
    expect(steps.map(({ epoch, batch }) => 400 * (epoch - 1) + batch)).toEqual(
      Array.from({ length: 800 }, (_, i) => i + 1),
    );
    expect(steps.every(({ loss, accuracy }) => loss > 0 && accuracy !== undefined)).toBe(true);
    expect(reports.filter(({ batch, batches }) => batch === batches)).toHaveLength(2);
    expect(reports.length).toBeLessThan(400);
  });

  test('is told of every so many steps in any case', async () => {
    using model = await remote();
    const reports: number[] = [];
    const x = new Float32Array(4 * 400);
    await model.train(x, new Float32Array(400), {
      batchSize: 1,
      reportEvery: 150,
      onBatch: ({ batch }) => reports.push(batch),
    });
    expect(reports).toEqual(expect.arrayContaining([150, 300, 400]));
    expect(reports.length).toBeLessThan(200);
    await expectRejection(
      () => model.train(new Gathered(), { reportEvery: 0 }),
      ValueError,
      'RemoteModel.train: reportEvery must be a whole number of at least 1, got 0',
    );
  });

  test('pauses the training, while others are answered', async () => {
    using model = await remote();
    let reports = 0;
    let changed: boolean | undefined;
    await model.train(floats(), labels(), {
      batchSize: 1,
      onBatch: async () => {
        if (reports++ > 0) return;
        const before = await model.params(0);
        await pause(100);
        changed = JSON.stringify(await model.params(0)) !== JSON.stringify(before);
      },
    });
    expect(changed).toBe(false);
  });

  test('that is slow is not told more often', async () => {
    let reports = 0;
    let slow = 0;
    const start = performance.now();
    await train(async () => {
      reports++;
      const begin = performance.now();
      await pause(30);
      slow += performance.now() - begin;
    }, 1);
    // One at once, one at the end, and one for each frame of training.
    const training = performance.now() - start - slow;
    expect(reports).toBeLessThanOrEqual(2 + training / (1000 / 60));
  });

  test('can save what there is, to go on from there', async () => {
    using wanted = local();
    await wanted.train(floats(), labels(), { batchSize: 4 });
    using model = await remote();
    let file: Uint8Array<ArrayBuffer> | undefined;
    const stop = new Error('stop');
    const training = model.train(floats(), labels(), {
      batchSize: 4,
      onBatch: async () => {
        file = await model.saveCheckpoint();
        throw stop;
      },
    });
    expect(await rejection(() => training)).toBe(stop);
    using again = await shared.client.loadCheckpoint(file as Uint8Array);
    await again.train(new Gathered(), { batchSize: 4, resume: true });
    await expectSame(again, wanted);
  });
});

test('outputs, gradients and layers are those of a model on this side', async () => {
  using wanted = local();
  using model = await remote();
  const [x, y] = [floats(), labels()];
  using batch = tensor(x, [samples, 4]);
  wanted.trainBatch(batch, tensor(y));
  using remoteBatch = await shared.client.tensor(floats(), [samples, 4]);
  await model.trainBatch(remoteBatch, await shared.client.tensor(labels()));
  const outputs = await model.outputs(remoteBatch);
  let input: Tensor = batch;
  for (const [i, layer] of wanted.layers.entries()) {
    input = layer.forward(input, false);
    expect(outputs[i]).toEqual({ shape: input.shape, data: input.toArray() });
    const gradients = Object.entries(layer.params).map(([name, { gradient }]) => [
      name,
      { shape: gradient.shape, data: gradient.toArray() },
    ]);
    expect(await model.gradients(i)).toEqual(Object.fromEntries(gradients));
  }
  expect(outputs).toHaveLength(4);
  expect(await model.layerConfigs()).toEqual(wanted.layers.map(layerToConfig));
  const other = batch as unknown as RemoteTensor;
  await expectRejection(() => model.outputs(other), ArgumentTypeError, 'RemoteTensor');
});
