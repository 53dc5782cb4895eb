// onnxruntime-web, execution provider 'wasm', on models written here.
import { onnxModel } from '../formats/onnx.mjs';

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

const convolution = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] };
const pooling = { kernel_shape: [2, 2], strides: [2, 2] };

/** Operator and attributes of a layer. */
const operators = {
  conv: { operator: 'Conv', attributes: convolution },
  pool: { operator: 'MaxPool', attributes: pooling },
  dense: { operator: 'Gemm' },
  relu: { operator: 'Relu' },
  flatten: { operator: 'Flatten' },
};

function networkModel({ layers, batch, inputShape }) {
  const constants = [];
  const nodes = layers.map(({ type, weights, weightShape, biases }, i) => {
    const inputs = [`value${i}`];
    if (weights) {
      constants.push({ name: `weights${i}`, shape: weightShape, values: weights });
      constants.push({ name: `biases${i}`, shape: [biases.length], values: biases });
      inputs.push(`weights${i}`, `biases${i}`);
    }
    return { ...operators[type], inputs, output: `value${i + 1}` };
  });
  const input = { name: 'value0', shape: [batch, ...inputShape] };
  const output = { name: `value${layers.length}`, shape: [batch, ...layers.at(-1).output] };
  return { nodes, constants, input, output };
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
    conv({ inputShape, kernelShape, outputShape, input, kernels }) {
      const constant = { shape: kernelShape, values: kernels };
      return task(singleModel('Conv', convolution, inputShape, constant, outputShape), input);
    },
    inference: (data) => task(networkModel(data), data.x),
  };
}

export async function startup({ assets }) {
  const ort = await start(1, assets);
  const constant = { shape: [784, 10], values: new Float32Array(7840).fill(0.01) };
  const session = await createSession(ort, singleModel('MatMul', {}, [1, 784], constant, [1, 10]));
  const x = new ort.Tensor('float32', new Float32Array(784).fill(1), [1, 784]);
  return (await session.run({ x })).y.data;
}
