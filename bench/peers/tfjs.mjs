// TensorFlow.js on its backends 'cpu' (JavaScript) and 'wasm', in its native layout, channels last.
import { toChannelsFirst, toChannelsLast, transpose } from '../data.mjs';
import { denseWeightsChannelsLast, foldNorms, isDepthwise } from '../layers.mjs';
import { Missing } from './missing.mjs';

/** Gradients come with the whole of TensorFlow.js only; start-up is measured without. */
const whole = () => import('@tensorflow/tfjs');
const core = () => import('@tensorflow/tfjs-core');

async function start({ variant, threads, assets }, load) {
  const tf = await load();
  if (variant === 'wasm') {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(assets.tfjs);
    wasm.setThreadsCount(threads);
  } else {
    await import('@tensorflow/tfjs-backend-cpu');
  }
  if (!(await tf.setBackend(variant === 'wasm' ? 'wasm' : 'cpu'))) {
    throw new Error(`the backend for ${variant} did not start`);
  }
  tf.enableProdMode();
  return tf;
}

export async function open(options) {
  return tasks(await start(options, whole), options.variant);
}

/** [out, in, h, w] -> [h, w, in, out]; of a depthwise convolution -> [h, w, channels, 1]. */
function toKernels(tf, layer) {
  const { weights, weightShape } = layer;
  const [depth, c, h, w] = weightShape;
  const order = isDepthwise(layer) ? [2, 3, 0, 1] : [2, 3, 1, 0];
  const shape = isDepthwise(layer) ? [h, w, depth, c] : [h, w, c, depth];
  return tf.tensor4d(transpose(weights, weightShape, order), shape);
}

/** A batch of samples, images with channels last. */
const samples = (tf, values, shape) =>
  shape.length === 4
    ? tf.tensor4d(toChannelsLast(values, shape), [shape[0], shape[2], shape[3], shape[1]])
    : tf.tensor(values, shape);

function tasks(tf, variant) {
  function task(compute, tensors, fromResult = (values) => values) {
    return {
      run: () => compute().dispose(),
      async result() {
        const output = compute();
        const values = await output.data();
        output.dispose();
        return fromResult(values);
      },
      dispose: () => tensors.forEach((tensor) => tensor.dispose()),
    };
  }

  /** A layer's parameters as variables. */
  function parametersOf(layers, layer, i) {
    const { type, weights, weightShape, biases, gamma, beta } = layer;
    if (gamma) return [tf.variable(tf.tensor1d(gamma)), tf.variable(tf.tensor1d(beta))];
    if (!weights) return [];
    const matrix =
      type === 'conv'
        ? toKernels(tf, layer)
        : tf.tensor2d(denseWeightsChannelsLast(layers, i), weightShape);
    return [tf.variable(matrix), ...(biases ? [tf.variable(tf.tensor1d(biases))] : [])];
  }

  /** The network as one function of a batch, its layers fused where TensorFlow.js can. */
  function build({ layers: all }) {
    const layers = foldNorms(all);
    const parameters = layers.map((layer, i) => parametersOf(layers, layer, i));
    const apply = (x) =>
      layers.reduce((value, layer, i) => {
        const activation = layers[i + 1]?.type === 'relu' ? 'relu' : 'linear';
        return operators[layer.type](value, layer, parameters[i], activation);
      }, x);
    return { apply, variables: parameters.flat() };
  }

  const operators = {
    conv(x, layer, [filter, bias], activation) {
      const { stride: strides, padding: pad, groups } = layer;
      const options = { x, filter, strides, pad, bias, activation };
      if (isDepthwise(layer)) return tf.fused.depthwiseConv2d(options);
      if (groups > 1) throw new Missing('no convolution in groups');
      return tf.fused.conv2d(options);
    },
    dense: (x, layer, [b, bias], activation) => tf.fused.matMul({ a: x, b, bias, activation }),
    pool: (x, { size, stride, padding }) => tf.maxPool(x, size, stride, padding),
    averagePool: (x, { size, stride, padding }) => tf.avgPool(x, size, stride, padding),
    globalPool: (x) => tf.mean(x, [1, 2]),
    flatten: (x, { output }) => tf.reshape(x, [-1, output[0]]),
    // The layer before has done it.
    relu: (x) => x,
    sigmoid: (x) => tf.sigmoid(x),
    softmax: (x) => tf.softmax(x),
    // It has no such operators: these are the formulas.
    gelu(x) {
      const inner = x.mul(x.square().mul(0.044715).add(1)).mul(Math.sqrt(2 / Math.PI));
      return x.mul(0.5).mul(tf.tanh(inner).add(1));
    },
    layerNorm(x, layer, [gamma, beta]) {
      const { mean, variance } = tf.moments(x, -1, true);
      return x.sub(mean).mul(variance.add(1e-5).rsqrt()).mul(gamma).add(beta);
    },
  };

  /** Forward passes of a network, or of a single operator, over a batch that stays. */
  function forward(data) {
    const { apply, variables } = build(data);
    const x = samples(tf, data.x, [data.batch, ...data.inputShape]);
    const shape = [data.batch, ...data.outputShape];
    return task(
      () => tf.tidy(() => apply(x)),
      [x, ...variables],
      (values) => (shape.length === 4 ? toChannelsFirst(values, shape) : values),
    );
  }

  return {
    gemm({ m, k, n, a, b }) {
      const [left, right] = [tf.tensor2d(a, [m, k]), tf.tensor2d(b, [k, n])];
      return task(() => tf.matMul(left, right), [left, right]);
    },

    operator: forward,
    inference: forward,

    prediction(data) {
      const { apply, variables } = build(data);
      const run = () => tf.tidy(() => apply(tf.tensor(data.x, [1, ...data.inputShape])).dataSync());
      return { run, result: run, dispose: () => variables.forEach((each) => each.dispose()) };
    },

    training(data) {
      if (variant === 'wasm' && data.layers.some(({ type }) => type === 'conv')) {
        throw new Missing('its wasm backend lacks Conv2DBackpropFilter: no convolution trains');
      }
      const { apply, variables } = build(data);
      const x = samples(tf, data.x, [data.batch, ...data.inputShape]);
      const y = tf.tensor2d(data.y, [data.batch, ...data.outputShape]);
      const optimizer = tf.train.adam(data.learningRate, 0.9, 0.999, 1e-8);
      const loss = () => tf.losses.softmaxCrossEntropy(y, apply(x));
      return {
        run() {
          const value = optimizer.minimize(loss, true, variables);
          const [number] = value.dataSync();
          value.dispose();
          return number;
        },
        dispose() {
          optimizer.dispose();
          for (const tensor of [x, y, ...variables]) tensor.dispose();
        },
      };
    },
  };
}

export async function startup(options) {
  const tf = await start(options, core);
  const weights = tf.tensor2d(new Float32Array(7840).fill(0.01), [784, 10]);
  const x = tf.tensor2d(new Float32Array(784).fill(1), [1, 784]);
  return tf.fused.matMul({ a: x, b: weights, bias: tf.zeros([10]) }).data();
}
