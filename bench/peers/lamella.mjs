// lamella itself, from dist/.
import { product } from '../data.mjs';
import { Missing } from './missing.mjs';

export async function open({ variant, threads }) {
  const lamella = await import('../../dist/index.js');
  await lamella.init(variant.includes('threads') ? { variant, threads } : { variant });
  return tasks(lamella);
}

function tasks(lamella) {
  const { Adam, CategoricalCrossEntropy, Dense, Model, tensor } = lamella;

  /** A layer's forward pass over an input that stays. */
  function forwardTask(layer, input) {
    const forward = () => layer.forward(input, false);
    return {
      run: () => forward().dispose(),
      result: () => read(forward()),
      dispose() {
        layer.dispose();
        input.dispose();
      },
    };
  }

  function loadParams(layer, name, values, shape) {
    const copy = tensor(values, shape);
    layer.loadParams({ [name]: copy });
    copy.dispose();
  }

  function read(output) {
    const values = output.toArray();
    output.dispose();
    return values;
  }

  function build({ layers, inputShape }, options) {
    const chain = layers.map((layer) => create(lamella, layer));
    const model = new Model(chain, { inputShape, ...options });
    layers.forEach((layer, i) => load(chain[i], layer));
    return model;
  }

  /** Copies a layer's parameters, and the running mean and variance, into lamella's. */
  function load(layer, { type, weights, biases, gamma, beta, mean, variance }) {
    const given = { [type === 'conv' ? 'kernels' : 'weights']: weights, biases, gamma, beta };
    for (const [name, values] of Object.entries(given)) {
      if (values) loadParams(layer, name, values, layer.params[name].value.shape);
    }
    if (!mean) return;
    const { cache_m: means, cache_v: variances } = layer.state;
    means.set(mean);
    variances.set(variance);
  }

  function trainer(data) {
    const model = build(data, {
      loss: new CategoricalCrossEntropy(),
      optimizer: new Adam({ learningRate: data.learningRate, weightDecay: 0 }),
    });
    const x = tensor(data.x, [data.batch, ...data.inputShape]);
    const y = tensor(data.y, [data.batch, ...data.outputShape]);
    const dispose = () => [model, x, y].forEach((part) => part.dispose());
    return { model, x, y, dispose };
  }

  return {
    gemm({ m, k, n, a, b }) {
      const layer = new Dense(n, { inputSize: k, noBias: true });
      layer.build([k]);
      loadParams(layer, 'weights', b, [k, n]);
      return forwardTask(layer, tensor(a, [m, k]));
    },

    operator({ layers: [description], batch, inputShape, x }) {
      const layer = create(lamella, description);
      layer.build(inputShape);
      load(layer, description);
      return forwardTask(layer, tensor(x, [batch, ...inputShape]));
    },

    inference(data) {
      const model = build(data);
      const x = tensor(data.x, [data.batch, ...data.inputShape]);
      const predict = () => model.predict(x);
      return {
        run: () => predict().dispose(),
        result: () => read(predict()),
        dispose() {
          model.dispose();
          x.dispose();
        },
      };
    },

    prediction(data) {
      const model = build(data);
      const run = () => read(model.predict(data.x));
      return { run, result: run, dispose: () => model.dispose() };
    },

    predictionInto(data) {
      const model = build(data);
      if (!model.predictInto) throw new Missing('no predictInto');
      const out = new Float32Array(data.batch * product(data.outputShape));
      const run = () => void model.predictInto(data.x, out);
      const result = () => {
        run();
        return out;
      };
      return { run, result, dispose: () => model.dispose() };
    },

    training(data) {
      const { model, x, y, dispose } = trainer(data);
      return { run: () => model.trainBatch(x, y).loss, dispose };
    },

    /** Where the time of a step goes: rows of a table. */
    profile(data) {
      const { model, x, y, dispose } = trainer(data);
      return { run: () => profileRows(model.profile(x, y, { repeats: 15 })), dispose };
    },
  };
}

const makers = {
  conv: ({ Convolutional }, { depth, size, stride, groups, padding, bias }) =>
    new Convolutional(depth, size, { stride, groups, padding: paddings[padding], noBias: !bias }),
  pool: ({ MaxPooling2D }, { size, stride, padding }) =>
    new MaxPooling2D(size, { stride, padding: paddings[padding] }),
  averagePool: ({ AveragePooling2D }, { size, stride, padding }) =>
    new AveragePooling2D(size, { stride, padding: paddings[padding] }),
  globalPool: ({ GlobalAveragePooling2D }) => new GlobalAveragePooling2D(),
  batchNorm: ({ BatchNormalization2D }, { epsilon }) => new BatchNormalization2D({ epsilon }),
  layerNorm: ({ LayerNormalization }) => new LayerNormalization({ epsilon: 1e-5 }),
  dense: ({ Dense }, { size }) => new Dense(size),
  flatten: ({ Flatten }) => new Flatten(),
  relu: ({ ReLU }) => new ReLU(),
  sigmoid: ({ Sigmoid }) => new Sigmoid(),
  gelu: ({ GELU }) => new GELU(),
  softmax: ({ Softmax }) => new Softmax(),
};

/** TensorFlow's 'same' has another name here. */
const paddings = { same: 'same-upper', valid: 'valid' };

const create = (lamella, layer) => makers[layer.type](lamella, layer);

function profileRows(layers) {
  const sum = (name) => layers.reduce((total, layer) => total + layer[name], 0);
  const row = (layer) => ({
    layer: layer.type,
    output: layer.outputShape?.join('x'),
    'forward ms': layer.forwardMilliseconds,
    'GFLOP/s': layer.forwardGflops,
    'backward ms': layer.backwardMilliseconds,
    'GFLOP/s ': layer.backwardGflops,
    'ms together': layer.forwardMilliseconds + layer.backwardMilliseconds,
  });
  const names = ['forwardMilliseconds', 'backwardMilliseconds'];
  const total = Object.fromEntries(names.map((name) => [name, sum(name)]));
  return [...layers, { type: 'all', ...total }].map(row);
}

export async function startup({ variant }) {
  const { init, Dense, tensor } = await import('../../dist/index.js');
  await init({ variant });
  const layer = new Dense(10, { inputSize: 784 });
  layer.build([784]);
  return layer.forward(tensor(new Float32Array(784).fill(1), [1, 784]), false).toArray();
}
