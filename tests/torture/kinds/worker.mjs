// Random calls of the worker client, of which many overlap and some are cut off by its end: every
// promise settles, with a result or an error of lamella's.
import { setTimeout } from 'node:timers/promises';
import { createWorkerClient, LamellaError } from 'lamella/worker';
import { checkError } from '../outcome.mjs';
import { orWild } from '../programs/values.mjs';

const patience = 10_000;

const layers = (random) => [
  { type: 'Dense', outputSize: random.integer(1, 4), inputSize: 3 },
  { type: random.pick(['ReLU', 'Tanh', 'BatchNormalization', 'Dropout']) },
  { type: 'Dense', outputSize: 2 },
];

const operations = {
  model: async (w) => {
    const options = { loss: { type: 'MSE' }, optimizer: { type: 'Adam' }, seed: 1 };
    const given = layers(w.random).map((each) => orWild(w, each, 0.03));
    w.models.push(await w.client.model(orWild(w, given), orWild(w, options)));
  },
  tensor: async (w) => {
    const data = w.random.numbers(6);
    w.tensors.push(await w.client.tensor(orWild(w, data), orWild(w, [2, 3])));
  },
  load: async (w) => {
    const name = w.random.pick(['loadNpz', 'loadCheckpoint']);
    w.models.push(await w.client[name](orWild(w, w.file ?? new Uint8Array(5))));
  },
  train: (w) => {
    const onBatch = w.random.chance(0.2) ? () => w.random.pick(w.models)?.dispose() : undefined;
    const options = { epochs: 2, batchSize: w.random.integer(1, 3), ...(onBatch && { onBatch }) };
    return w.model.train(orWild(w, w.data()), orWild(w, w.answers()), orWild(w, options));
  },
  predict: (w) => w.model.predict(orWild(w, w.data())),
  evaluate: (w) => w.model.evaluate(orWild(w, w.data()), orWild(w, w.answers())),
  trainBatch: (w) => w.model.trainBatch(orWild(w, w.anyTensor()), orWild(w, w.anyTensor())),
  profile: (w) => w.model.profile(orWild(w, w.anyTensor()), orWild(w, w.anyTensor())),
  params: (w) => w.model.params(orWild(w, w.random.integer(0, 3))),
  setTrainable: (w) => w.model.setTrainable(orWild(w, 0), orWild(w, true)),
  save: async (w) => {
    const name = w.random.pick(['saveNpz', 'saveCheckpoint', 'saveSafetensors', 'exportOnnx']);
    w.file = await w.model[name]();
  },
  loadSafetensors: (w) => w.model.loadSafetensors(orWild(w, w.file ?? new Uint8Array(3))),
  dispose: async (w) => w.random.pick([...w.models, ...w.tensors])?.dispose(),
};

/** A case's own share of the client, which all cases have. */
class Calls {
  models = [];
  tensors = [];

  constructor(random, client) {
    this.random = random;
    this.client = client;
  }

  get model() {
    return this.random.pick(this.models);
  }

  anyTensor = () => this.random.pick([...this.tensors, undefined]);
  anyLayer = () => undefined;
  anyModel = () => this.models[0];
  optimizers = [undefined];
  act() {}
  data = () => this.random.numbers(9);
  answers = () => this.random.numbers(6);
}

export function prepare() {
  const all = Object.keys(operations);
  let client;
  return async (random) => {
    if (client === undefined || client.disposed)
      client = await createWorkerClient({ variant: 'simd' });
    const calls = new Calls(random, client);
    await operations.model(calls).catch((error) => checkError(error, 'model', LamellaError));
    // The calls that have no answer yet.
    const open = new Set();
    const failures = [];
    for (let i = random.integer(2, 12); i > 0; i--) {
      const name = random.pick(calls.models.length > 0 ? all : all.slice(0, 3));
      const call = { name };
      open.add(call);
      call.settled = (async () => operations[name](calls))()
        .catch((error) => checkError(error, `worker: ${name}`, LamellaError))
        .catch((failure) => failures.push(failure))
        .finally(() => open.delete(call));
      if (random.chance(0.5)) await Promise.race([call.settled, setTimeout(patience)]);
    }
    if (random.chance(0.03)) client.dispose();
    const rest = [...open].map(({ settled }) => settled);
    await Promise.race([Promise.all(rest), setTimeout(patience)]);
    const names = [...open].map(({ name }) => name).join(', ');
    if (names !== '') throw Object.assign(new Error(`never settles: ${names}`), { fatal: true });
    if (failures.length > 0) throw failures[0];
    for (const each of [...calls.models, ...calls.tensors]) each.dispose();
  };
}
