// Everything that a random program may call: names and functions of the program's world.
import * as lamella from 'lamella';
import { Thrown } from '../outcome.mjs';
import {
  schedules,
  someLayer,
  someLoss,
  someMetric,
  someOptimizer,
  someResidual,
} from './components.mjs';
import { options, orWild, orWildCount, sampleShape, wildValue } from './values.mjs';

const { Dense, Flatten, Model } = lamella;

const size = (shape) => shape.reduce((product, dim) => product * dim, 1);

/** A tensor of a shape, of numbers or of classes; of few where a layer was built for too many. */
function tensorOf(world, wanted, whole = false) {
  const shape = size(wanted) <= 2 ** 20 ? wanted : [1, 2];
  const numbers = world.random.numbers(size(shape));
  if (whole) numbers.forEach((value, i) => (numbers[i] = value > 0 ? 1 : 0));
  if (world.random.chance(0.01)) numbers[0] = NaN;
  return world.keep('tensors', lamella.tensor(numbers, shape));
}

// -- Models -----------------------------------------------------------------------------------------

/** Layers that mostly fit together, in front of an output of a few numbers. */
function someChain(world, inputShape) {
  const { random } = world;
  const layers = [];
  for (let i = random.integer(0, 3); i > 0; i--)
    layers.push(random.chance(0.15) ? someResidual(world) : someLayer(world));
  if (random.chance(0.8)) {
    if (inputShape.length > 1) layers.push(world.keep('layers', new Flatten()));
    layers.push(world.keep('layers', new Dense(random.integer(1, 3))));
  }
  return layers;
}

function newModel(world) {
  const { random } = world;
  const inputShape = sampleShape(world);
  const layers = someChain(world, inputShape);
  const chosen = {
    loss: someLoss(world),
    optimizer: someOptimizer(world),
    seed: random.integer(0, 9),
    inputShape,
  };
  const given = random.chance(0.8) ? chosen : options(world, chosen);
  world.keep('models', new Model(orWild(world, layers, 0.02), given));
}

/** Samples that fit a model, and answers, mostly. */
function dataFor(world, model) {
  const { random } = world;
  // Many rows among few, where a buffer of another call's size would be overrun.
  const count = random.chance(0.05) ? random.integer(50, 1500) : random.integer(1, 5);
  const inputShape = random.chance(0.95) ? model.inputShape : sampleShape(world);
  const sparse = model.loss?.type.startsWith('Sparse');
  const expected = sparse ? [count] : [count, ...model.outputShape];
  const x = tensorOf(world, [count, ...inputShape]);
  const y = tensorOf(world, random.chance(0.95) ? expected : [count + 1, 1], random.chance(0.7));
  return { x: orWild(world, x, 0.03), y: orWild(world, y, 0.03) };
}

function trainOptions(world) {
  const { random } = world;
  const right = {
    batchSize: random.integer(1, 4),
    shuffle: random.chance(0.5),
    validationSplit: 0.5,
    patience: 1,
    restoreBest: true,
    resume: random.chance(0.3),
    metrics: [someMetric(world)],
    schedule: random.pick(schedules)(world),
    classWeights: random.pick([undefined, [1, 2], [1, 2, 0.5], [0]]),
    onBatch: () => {
      world.act('onBatch');
      return random.chance(0.02) ? Promise.reject(new Thrown()) : undefined;
    },
    onEpoch: () => world.act('onEpoch'),
  };
  const given = options(world, right);
  if (!(given instanceof Object) || random.chance(0.5)) return given;
  return { ...given, epochs: orWildCount(world, 2) };
}

function train(world, model) {
  const { x, y } = dataFor(world, model);
  const promise = model.train(x, y, trainOptions(world));
  if (!world.random.chance(0.3)) return promise;
  // Goes on while others call.
  world.later('train', promise);
  return undefined;
}

/** An operation on a model, where there is one. */
const onModel = (name, call) => [
  name,
  (world) => {
    const model = world.anyModel();
    return model === undefined ? newModel(world) : call(world, model);
  },
];

/** An operation on a layer, where there is one. */
const onLayer = (name, call) => [
  name,
  (world) => {
    const layer = world.anyLayer();
    if (layer === undefined) someLayer(world);
    else return call(world, layer);
    return undefined;
  },
];

const onTensor = (name, call) => [name, (world) => call(world, world.anyTensor())];

/** Keeps what a call returned, which of classes of one's own may be no tensor. */
const keepTensor = (world, made) =>
  made instanceof lamella.Tensor ? world.keep('tensors', made) : undefined;

/** Functions and classes to call with anything: not those that change the process, nor bases of others. */
const callable = Object.keys(lamella).filter(
  (name) =>
    typeof lamella[name] === 'function' &&
    !/^(init|missingFeatures|register\w+|\w*Error|Optimizer|Layer|Loss|Metric|Schedule|Tensor)$/.test(
      name,
    ),
);

// -- The list ---------------------------------------------------------------------------------------

export const operations = [
  ['new layer', (w) => void someLayer(w)],
  ['new Residual', (w) => void someResidual(w)],
  ['new Model', newModel],
  ['new Model', newModel],
  ['new Model', newModel],
  ['new metric', (w) => void w.keep('metrics', someMetric(w))],
  ['tensor', (w) => void tensorOf(w, sampleShape(w))],
  [
    'tensor of anything',
    (w) => void w.keep('tensors', lamella.tensor(wildValue(w), orWild(w, undefined, 0.3))),
  ],
  ['zeros of anything', (w) => void w.keep('tensors', lamella.zeros(wildValue(w)))],
  [
    'oneHot',
    (w) => void w.keep('tensors', lamella.oneHot(orWild(w, [0, 1], 0.3), orWild(w, 2, 0.3))),
  ],
  [
    'im2col',
    (w) =>
      void keepTensor(
        w,
        lamella.im2col(orWild(w, tensorOf(w, [1, 2, 5, 5])), orWild(w, 2, 0.2), orWild(w, 1, 0.3)),
      ),
  ],
  [
    'col2im',
    (w) =>
      void keepTensor(
        w,
        lamella.col2im(
          orWild(w, tensorOf(w, [1, 4, 4, 8])),
          orWild(w, [1, 2, 5, 5]),
          orWild(w, [1, 1, 4, 4]),
          orWild(w, 2, 0.2),
        ),
      ),
  ],
  [
    'confusionMatrix',
    (w) => void lamella.confusionMatrix(orWild(w, w.anyTensor()), orWild(w, w.anyTensor())),
  ],
  onModel(
    'predict',
    (w, model) =>
      void keepTensor(w, model.predict(dataFor(w, model).x, options(w, { batchSize: 2 }))),
  ),
  onModel('trainBatch', (w, model) => {
    const { x, y } = dataFor(w, model);
    return void model.trainBatch(x, y);
  }),
  onModel('train', train),
  onModel('train', train),
  onModel('evaluate', (w, model) => {
    const { x, y } = dataFor(w, model);
    return void model.evaluate(x, y, options(w, { batchSize: 2, metrics: [someMetric(w)] }));
  }),
  onModel('profile', (w, model) => {
    const { x, y } = dataFor(w, model);
    return void model.profile(x, y, { repeats: orWildCount(w, 1) });
  }),
  onModel('summary', (_, model) => void model.summary()),
  onModel('dispose model', (w, model) => void (w.random.chance(0.4) && model.dispose())),
  onModel('save', async (w, model) => {
    const save = w.random.pick([
      lamella.saveNpz,
      lamella.saveCheckpoint,
      lamella.saveSafetensors,
      lamella.exportOnnx,
    ]);
    const bytes = await save(orWild(w, model));
    w.files.push(bytes);
  }),
  onModel('loadSafetensors', async (w, model) => {
    await lamella.loadSafetensors(orWild(w, model), orWild(w, w.any(w.files) ?? new Uint8Array(9)));
  }),
  [
    'load',
    async (w) => {
      const load = w.random.pick([lamella.loadNpz, lamella.loadCheckpoint]);
      w.keep('models', await load(orWild(w, w.any(w.files) ?? new Uint8Array(9))));
    },
  ],
  onLayer('build', (w, layer) => void layer.build(orWild(w, sampleShape(w)))),
  onLayer(
    'forward',
    (w, layer) =>
      void keepTensor(
        w,
        layer.forward(
          orWild(w, tensorOf(w, [2, ...sampleShape(w)])),
          orWild(w, w.random.chance(0.5)),
        ),
      ),
  ),
  onLayer(
    'forward of its shape',
    (w, layer) => void keepTensor(w, layer.forward(tensorOf(w, [2, ...layer.inputShape]))),
  ),
  onLayer('backward', (w, layer) => {
    const shape = [2, ...layer.outputShape];
    return void keepTensor(w, layer.backward(orWild(w, tensorOf(w, shape))));
  }),
  onLayer('params', (w, layer) => {
    for (const { value, gradient } of Object.values(layer.params)) w.tensors.push(value, gradient);
  }),
  onLayer('state', (_, layer) => void layer.state),
  onLayer('loadParams', (w, layer) => {
    const values = Object.fromEntries(
      Object.entries(layer.params).map(([name, { value }]) => [name, orWild(w, value.toArray())]),
    );
    return void layer.loadParams(orWild(w, values));
  }),
  onLayer('set state', (w, layer) => {
    layer.state = orWild(
      w,
      Object.fromEntries(
        Object.entries(layer.state).map(([name, value]) => [name, orWild(w, value)]),
      ),
      0.2,
    );
  }),
  onLayer(
    'initWeights',
    (w, layer) =>
      void layer.initWeights?.(orWild(w, 'xavier', 0.2), orWild(w, w.random.chance(0.5), 0.2)),
  ),
  onLayer('trainable', (w, layer) => {
    layer.trainable = orWild(w, w.random.chance(0.5));
  }),
  onLayer('layerFromConfig', (w, layer) => {
    const config = lamella.layerToConfig(layer);
    const keys = Object.keys(config);
    if (w.random.chance(0.3)) config[w.random.pick(keys)] = wildValue(w);
    w.keep('layers', lamella.layerFromConfig(orWild(w, config)));
  }),
  onLayer('dispose layer', (w, layer) => void (w.random.chance(0.3) && layer.dispose())),
  onTensor('set', (w, t) => void t.set(orWild(w, t.toArray(), 0.5))),
  onTensor('reshape', (w, t) => void keepTensor(w, t.reshape(orWild(w, [t.size], 0.3)))),
  onTensor('clone', (w, t) => void keepTensor(w, t.clone())),
  onTensor('toNestedArray', (_, t) => void t.toNestedArray()),
  onTensor('dispose tensor', (_, t) => void t.dispose()),
  [
    'loss',
    (w) => {
      const loss = someLoss(w);
      const [output, expected] = [tensorOf(w, [2, 3]), tensorOf(w, [2, 3], true)];
      loss.value(orWild(w, output), orWild(w, expected));
      keepTensor(w, loss.gradient(orWild(w, output), orWild(w, expected)));
    },
  ],
  ['metric', (w) => void someMetric(w).compute(orWild(w, w.anyTensor()), orWild(w, w.anyTensor()))],
  [
    'learningRate',
    (w) => {
      const optimizer = w.any(w.optimizers) ?? someOptimizer(w);
      optimizer.learningRate = orWild(w, 0.02, 0.3);
    },
  ],
  [
    'schedule',
    (w) =>
      void w.random
        .pick(schedules)(w)
        ?.rate(orWild(w, 3, 0.3)),
  ],
  [
    'anything',
    (w) => {
      const called = lamella[w.random.pick(callable)];
      const args = Array.from({ length: w.random.integer(0, 3) }, () => wildValue(w));
      w.trace.push(called.name);
      const made = /^(class|\[class)/.test(Function.prototype.toString.call(called))
        ? new called(...args)
        : called(...args);
      return made instanceof Promise ? made.then(() => undefined) : undefined;
    },
  ],
];
