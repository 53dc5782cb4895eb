// WebAssembly's memory at its end: filled with tensors but for a little room, in which a call either
// does its work or ends in an OutOfMemoryError that has changed nothing.
import {
  Adam,
  BatchNormalization,
  BatchNormalization2D,
  CategoricalCrossEntropy,
  Convolutional,
  Dense,
  Dropout,
  Flatten,
  init,
  loadCheckpoint,
  loadSafetensors,
  Model,
  OutOfMemoryError,
  PReLU,
  ReLU,
  Residual,
  saveCheckpoint,
  saveSafetensors,
  zeros,
} from 'lamella';
import { makeCanaries } from '../canaries.mjs';
import { checkError } from '../outcome.mjs';

const rows = 24;

/** A model that has taken one step, and data for it. */
function subject(seed) {
  const model = new Model(
    [
      new Convolutional(4, 3, { inputShape: [2, 8, 8], padding: 'same' }),
      new BatchNormalization2D(),
      new ReLU(),
      new Residual([new Convolutional(4, 3, { padding: 'same' }), new PReLU()]),
      new Flatten(),
      new Dropout(0.3),
      new Dense(16),
      new BatchNormalization(),
      new Dense(3),
    ],
    { seed, loss: new CategoricalCrossEntropy(), optimizer: new Adam() },
  );
  return model;
}

/** All of a model that training changes. */
function everything(model) {
  return model.layers.flatMap((layer) => {
    const params = Object.values(layer.params);
    const state = Object.values(layer.state);
    const arrays = [
      ...params.map(({ value }) => value.toArray()),
      ...state.map((each) => each.toArray()),
    ];
    for (const { value, gradient } of params) [value, gradient].forEach((each) => each.dispose());
    for (const each of state) each.dispose();
    return arrays;
  });
}

const same = (a, b) =>
  a.length === b.length &&
  a.every((array, i) => Buffer.compare(Buffer.from(array.buffer), Buffer.from(b[i].buffer)) === 0);

/** Tensors until there is room for none, of which a few are freed again. */
function fill(random) {
  const held = [];
  for (const size of [2 ** 26, 2 ** 22, 2 ** 16, 2 ** 10, 2 ** 4]) {
    try {
      for (;;) held.push(zeros([size]));
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
    }
  }
  const room = random.integer(0, 60);
  for (let i = 0; i < room && held.length > 0; i++) {
    const at = random.chance(0.1) ? random.integer(0, held.length - 1) : held.length - 1;
    held.splice(at, 1)[0].dispose();
  }
  return held;
}

/** Calls, each of a model and data that are there before. */
const calls = {
  trainBatch: (model, data) => void model.trainBatch(data.x, data.y),
  'trainBatch of part': (model, data) => void model.trainBatch(data.part.x, data.part.y),
  train: async (model, data) => void (await model.train(data.x, data.y, { batchSize: 7 })),
  predict: (model, data) => model.predict(data.x).dispose(),
  evaluate: (model, data) => void model.evaluate(data.x, data.y, { batchSize: 5 }),
  summary: (model) => void model.summary(),
  profile: (model, data) => void model.profile(data.x, data.y, { repeats: 1 }),
  saveCheckpoint: async (model) => void (await saveCheckpoint(model)),
  loadCheckpoint: async (_, data) => (await loadCheckpoint(data.checkpoint)).dispose(),
  loadSafetensors: (model, data) => loadSafetensors(model, data.weights),
  initWeights: (model) => model.layers.at(-1).initWeights('he', false),
  loadParams: (model, data) => model.layers[6].loadParams({ weights: data.values }),
  'new Model': () => subject(5).dispose(),
  'new Model of its layers': (model) =>
    void new Model([...model.layers.slice(0, 5), new Dense(200)]),
  freeze: (model) => {
    model.layers[0].trainable = false;
    model.layers[0].trainable = true;
  },
};

export async function prepare() {
  await init({ variant: 'simd' });
  const data = { x: zeros([rows, 2, 8, 8]), y: zeros([rows, 3]) };
  data.part = { x: zeros([9, 2, 8, 8]), y: zeros([9, 3]) };
  for (const [x, y] of [
    [data.x, data.y],
    [data.part.x, data.part.y],
  ]) {
    x.set(x.toArray().map((_, i) => ((i * 7) % 13) / 13));
    y.set(y.toArray().map((_, i) => Number(i % 3 === 0)));
  }
  data.values = Array.from({ length: 256 }, () => Array(16).fill(0.5));
  const checkCanaries = makeCanaries();
  const names = Object.keys(calls);

  const runCase = async (random, index) => {
    const name = names[index % names.length];
    const [model, twin] = [subject(index), subject(index)];
    for (const each of [model, twin]) if (index % 2) each.trainBatch(data.x, data.y);
    const own = {
      ...data,
      checkpoint: await saveCheckpoint(twin),
      weights: await saveSafetensors(twin),
    };
    const before = everything(model);

    const held = fill(random);
    let failed = false;
    try {
      await calls[name](model, own);
    } catch (error) {
      checkError(error, name);
      if (!(error instanceof OutOfMemoryError)) throw error;
      failed = true;
    }
    for (const each of held) each.dispose();

    checkCanaries();
    // A training of several steps keeps those that it has taken.
    const several = name === 'train';
    if (failed && !several && !same(everything(model), before))
      throw new Error(`${name}: has failed and changed something`);
    if (!(failed && several)) {
      if (failed) await calls[name](model, own);
      await calls[name](twin, own);
      if (!same(everything(model), everything(twin)))
        throw new Error(`${name}: other numbers than the twin's`);
      for (const each of [model, twin]) each.trainBatch(data.x, data.y);
      if (!same(everything(model), everything(twin)))
        throw new Error(`${name}: trains otherwise than the twin`);
    }
    for (const each of [model, twin]) each.dispose();
  };
  return async (random, index) => {
    try {
      await runCase(random, index);
    } catch (error) {
      // The memory is still full.
      throw Object.assign(error, { fatal: true });
    }
  };
}
