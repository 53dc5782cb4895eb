// lamella itself, from dist/.
export async function open({ variant, threads }) {
  const lamella = await import('../../dist/index.js');
  await lamella.init(variant.includes('threads') ? { variant, threads } : { variant });
  return tasks(lamella);
}

function tasks(lamella) {
  const { Adam, CategoricalCrossEntropy, Convolutional, Dense, Model, tensor } = lamella;

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
    layers.forEach(({ type, weights, weightShape, biases }, i) => {
      if (!weights) return;
      loadParams(chain[i], type === 'conv' ? 'kernels' : 'weights', weights, weightShape);
      loadParams(chain[i], 'biases', biases, chain[i].params.biases.value.shape);
    });
    return model;
  }

  function trainer(data) {
    const model = build(data, {
      loss: new CategoricalCrossEntropy(),
      optimizer: new Adam({ learningRate: data.learningRate, weightDecay: 0 }),
    });
    const x = tensor(data.x, [data.batch, ...data.inputShape]);
    const y = tensor(data.y, [data.batch, 10]);
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

    conv({ inputShape, kernelShape, input, kernels }) {
      const layer = new Convolutional(kernelShape[0], 3, { padding: 'same', noBias: true });
      layer.build(inputShape.slice(1));
      loadParams(layer, 'kernels', kernels, kernelShape);
      return forwardTask(layer, tensor(input, inputShape));
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

function create({ Convolutional, Dense, Flatten, MaxPooling2D, ReLU }, { type, depth, size }) {
  if (type === 'conv') return new Convolutional(depth, 3, { padding: 'same' });
  if (type === 'dense') return new Dense(size);
  if (type === 'pool') return new MaxPooling2D(2);
  return type === 'relu' ? new ReLU() : new Flatten();
}

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
