// onnxruntime-web, execution provider 'wasm', on models written here.
import { onnxModel } from '../formats/onnx.mjs';
import { windows } from '../layers.mjs';

async function start(threads, assets) {
  // The small build starts sooner, but cannot start threads in Node.
  const small = threads === 1 || typeof document !== 'undefined';
  const ort = await (small ? import('onnxruntime-web/wasm') : import('onnxruntime-web'));
  ort.env.wasm.numThreads = threads;
  if (assets.onnxruntime) ort.env.wasm.wasmPaths = assets.onnxruntime;
  return ort;
}

export async function open({ threads, assets }) {
  return tasks(await start(threads, assets));
}

/** How windows move over a layer's images. */
function windowsOf(layer) {
  const { size, stride, input } = layer;
  const axes = [windows(layer, input[1]), windows(layer, input[2])];
  return {
    ...{ kernel_shape: [size, size], strides: [stride, stride] },
    pads: [...axes.map(({ before }) => before), ...axes.map(({ after }) => after)],
  };
}

/** Operators and attributes of a layer: one, but two for a pooling that leaves vectors. */
const operators = {
  conv: (layer) => [['Conv', { ...windowsOf(layer), group: layer.groups }]],
  pool: (layer) => [['MaxPool', windowsOf(layer)]],
  averagePool: (layer) => [['AveragePool', windowsOf(layer)]],
  globalPool: () => [['GlobalAveragePool'], ['Flatten']],
  dense: () => [['Gemm']],
  relu: () => [['Relu']],
  sigmoid: () => [['Sigmoid']],
  softmax: () => [['Softmax']],
  gelu: () => [['Gelu', { approximate: 'tanh' }]],
  flatten: () => [['Flatten']],
  layerNorm: () => [['LayerNormalization', { epsilon: { float: 1e-5 } }]],
  batchNorm: ({ epsilon }) => [['BatchNormalization', { epsilon: { float: epsilon } }]],
};

/** A layer's parameters in the order of its operator's inputs. */
const parametersOf = ({ weights, weightShape, biases, gamma, beta, mean, variance }) =>
  [weights, biases, gamma, beta, mean, variance].flatMap((values) =>
    values ? [{ shape: values === weights ? weightShape : [values.length], values }] : [],
  );

function networkModel({ layers, batch, inputShape, outputShape }) {
  const constants = [];
  const nodes = [];
  let current = 'input';
  for (const layer of layers) {
    const parameters = parametersOf(layer).map(({ shape, values }) => {
      const name = `constant${constants.length}`;
      constants.push({ name, shape, values });
      return name;
    });
    for (const [operator, attributes] of operators[layer.type](layer)) {
      const output = `value${nodes.length}`;
      nodes.push({ operator, attributes, inputs: [current, ...parameters], output });
      current = output;
    }
  }
  const input = { name: 'input', shape: [batch, ...inputShape] };
  return { nodes, constants, input, output: { name: current, shape: [batch, ...outputShape] } };
}

/** A model of one operator with one constant operand. */
function singleModel(operator, attributes, input, constant, output) {
  return {
    nodes: [{ operator, inputs: ['x', 'constant'], output: 'y', attributes }],
    constants: [{ name: 'constant', ...constant }],
    input: { name: 'x', shape: input },
    output: { name: 'y', shape: output },
  };
}

async function createSession(ort, model) {
  return ort.InferenceSession.create(onnxModel(model), { executionProviders: ['wasm'] });
}

function tasks(ort) {
  async function task(model, values) {
    const session = await createSession(ort, model);
    const feeds = { [model.input.name]: new ort.Tensor('float32', values, model.input.shape) };
    return {
      run: () => session.run(feeds),
      result: async () => (await session.run(feeds))[model.output.name].data,
      dispose: () => session.release(),
    };
  }

  return {
    missing: { training: 'its web package cannot train' },
    gemm: ({ m, k, n, a, b }) =>
      task(singleModel('MatMul', {}, [m, k], { shape: [k, n], values: b }, [m, n]), a),
    operator: (data) => task(networkModel(data), data.x),
    inference: (data) => task(networkModel(data), data.x),

    async prediction(data) {
      const model = networkModel(data);
      const session = await createSession(ort, model);
      const run = async () => {
        const input = new ort.Tensor('float32', data.x, model.input.shape);
        return (await session.run({ input }))[model.output.name].data;
      };
      return { run, result: run, dispose: () => session.release() };
    },
  };
}

export async function startup({ assets }) {
  const ort = await start(1, assets);
  const constant = { shape: [784, 10], values: new Float32Array(7840).fill(0.01) };
  const session = await createSession(ort, singleModel('MatMul', {}, [1, 784], constant, [1, 10]));
  const x = new ort.Tensor('float32', new Float32Array(784).fill(1), [1, 784]);
  return (await session.run({ x })).y.data;
}
