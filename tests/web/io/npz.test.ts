// Models in the .npz layout of tests/fixtures/golden: theirs here, ours in plain numpy.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  Adam,
  BatchNormalization2D,
  CategoricalCrossEntropy,
  Convolutional,
  Dense,
  Dropout,
  Flatten,
  init,
  loadNpz,
  MaxPooling2D,
  Model,
  oneHot,
  ReLU,
  saveNpz,
  SGD,
  Softmax,
  tensor,
} from 'lamella';
import { noise, values } from '../support.js';

const golden = join(import.meta.dirname, '../../fixtures/golden');
interface Recorded {
  readonly shape: number[];
  readonly data: number[];
}
interface Case {
  readonly name: string;
  readonly npz: string | null;
  readonly optimizer: { readonly type: string };
  readonly x: Recorded;
  readonly y: Recorded;
  readonly predict_input: Recorded;
  readonly predictions: Recorded;
}
const cases = (JSON.parse(readFileSync(join(golden, 'models.json'), 'utf8')) as Case[]).filter(
  ({ npz }) => npz !== null,
);
const read = ({ npz }: Case): Buffer => readFileSync(join(golden, 'npz', npz ?? ''));

let folder: string;
beforeAll(async () => {
  await init();
  folder = mkdtempSync(join(tmpdir(), 'lamella-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Plain numpy's findings in a file: type, shape and sum (or text) of every array. */
function inNumpy(
  bytes: Uint8Array,
): Record<string, [dtype: string, shape: number[], what: unknown]> {
  const file = join(folder, 'ours.npz');
  writeFileSync(file, bytes);
  const script = `
import json, sys, numpy
arrays = numpy.load(sys.argv[1], allow_pickle=False)
print(json.dumps({name: [a.dtype.kind, a.shape, str(a) if a.dtype.kind == 'U' else a.ravel().tolist()]
                  for name, a in arrays.items()}))`;
  const output = execFileSync('/usr/bin/python3', ['-c', script, file], { encoding: 'utf8' });
  return JSON.parse(output) as ReturnType<typeof inNumpy>;
}

describe.each(cases)('the reference file of $name', (each) => {
  test('predicts as recorded', async () => {
    const model = await loadNpz(read(each));
    const { data, shape } = each.predict_input;
    const predictions = model.predict(tensor(data, shape));
    expect(predictions.shape).toEqual(each.predictions.shape);
    const worst = values(predictions).map((value, i) =>
      Math.abs(value - (each.predictions.data[i] as number)),
    );
    expect(Math.max(...worst)).toBeLessThan(1e-6);
  });

  test('trains on with its optimizer', async () => {
    const model = await loadNpz(read(each));
    expect(model.optimizer?.type).toBe(each.optimizer.type);
    const [x, y] = [tensor(each.x.data, each.x.shape), tensor(each.y.data, each.y.shape)];
    const { loss } = model.trainBatch(x, y);
    for (let i = 0; i < 5; i++) model.trainBatch(x, y);
    expect(model.trainBatch(x, y).loss).toBeLessThan(loss);
  });

  test('comes back with the same names, shapes, numbers and JSON', async () => {
    const theirs = inNumpy(read(each));
    const ours = inNumpy(await saveNpz(await loadNpz(read(each))));
    expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort());
    for (const [name, [kind, shape, what]] of Object.entries(theirs)) {
      const mine = ours[name];
      expect([name, mine?.[0], mine?.[1]]).toEqual([name, kind, shape]);
      const plain = (value: unknown): unknown =>
        kind === 'U' ? JSON.parse(value as string) : value;
      expect(plain(mine?.[2])).toEqual(plain(what));
    }
  });
});

test('the recorded optimizer state takes part in the next step', async () => {
  const [each] = cases as [Case];
  const [x, y] = [tensor(each.x.data, each.x.shape), tensor(each.y.data, each.y.shape)];
  const step = async (fresh: boolean): Promise<number[]> => {
    const model = await loadNpz(read(each));
    const { optimizer } = model;
    const used = fresh
      ? new Model(model.layers, { loss: new CategoricalCrossEntropy(), optimizer: new Adam() })
      : model;
    if (optimizer) optimizer.learningRate = 0.001;
    used.trainBatch(x, y);
    return values((used.layers[0] as Dense).weights);
  };
  expect(await step(false)).toEqual(await step(false));
  expect(await step(false)).not.toEqual(await step(true));
});

test('a model of ours is read by plain numpy, and comes back with equal predictions', async () => {
  const model = new Model(
    [
      new Convolutional(4, 3, { padding: 1, stride: 2 }),
      new BatchNormalization2D({ momentum: 0.8 }),
      new ReLU(),
      new MaxPooling2D(3, { stride: 1 }),
      new Dropout(0.25),
      new Flatten(),
      new Dense(3),
      new Softmax(),
    ],
    {
      loss: new CategoricalCrossEntropy(),
      optimizer: new SGD({ momentum: 0.5 }),
      inputShape: [2, 9, 9],
    },
  );
  const x = noise([6, 2, 9, 9]);
  await model.train(x, oneHot([0, 1, 2, 0, 1, 2], 3), { epochs: 2, batchSize: 4 });
  const bytes = await saveNpz(model);
  const arrays = inNumpy(bytes);
  expect(
    Object.fromEntries(Object.entries(arrays).map(([name, [, shape]]) => [name, shape])),
  ).toEqual({
    layer_0_kernels: [4, 2, 3, 3],
    layer_1_gamma: [1, 4, 1, 1],
    layer_1_beta: [1, 4, 1, 1],
    layer_1_state_cache_m: [1, 4, 1, 1],
    layer_1_state_cache_v: [1, 4, 1, 1],
    layer_6_weights: [36, 3],
    layer_6_biases: [1, 3],
    optimizer_velocities_layer_0_kernels: [4, 2, 3, 3],
    optimizer_velocities_layer_1_gamma: [1, 4, 1, 1],
    optimizer_velocities_layer_1_beta: [1, 4, 1, 1],
    optimizer_velocities_layer_6_weights: [36, 3],
    optimizer_velocities_layer_6_biases: [1, 3],
    architecture: [],
    model_config: [],
  });
  const layers = JSON.parse(arrays['architecture']?.[2] as string) as { type: string }[];
  expect(layers.map(({ type }) => type)).not.toContain('Softmax'); // the loss has it
  expect(layers[3]).toEqual({ type: 'MaxPooling2D', pool_size: 3, stride: 1 });
  expect(layers[4]).toEqual({ type: 'Dropout', probability: 0.25 });
  expect(arrays['layer_6_weights']?.[2]).toEqual(values((model.layers[6] as Dense).weights));
  const loaded = await loadNpz(bytes);
  expect(values(loaded.predict(x))).toEqual(values(model.predict(x)));
});
