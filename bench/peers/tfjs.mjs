// TensorFlow.js on its backends 'cpu' (JavaScript) and 'wasm', in its native layout, channels last.
import { toChannelsFirst, toChannelsLast, transpose } from '../data.mjs';
import { denseWeightsChannelsLast } from '../networks.mjs';
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

/** [out, in, 3, 3] -> [3, 3, in, out]. */
const toKernels = (tf, values, shape) =>
  tf.tensor4d(transpose(values, shape, [2, 3, 1, 0]), [3, 3, shape[1], shape[0]]);

const images = (tf, values, shape) =>
  tf.tensor4d(toChannelsLast(values, shape), [shape[0], shape[2], shape[3], shape[1]]);

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

  /** The network as one function of a batch, its layers fused where TensorFlow.js can. */
  function build({ layers }) {
    const weights = layers.map((layer, i) => {
      if (!layer.weights) return undefined;
      const matrix =
        layer.type === 'conv'
          ? toKernels(tf, layer.weights, layer.weightShape)
          : tf.tensor2d(denseWeightsChannelsLast(layers, i), layer.weightShape);
      return [tf.variable(matrix), tf.variable(tf.tensor1d(layer.biases))];
    });
    const apply = (x) =>
      layers.reduce((value, { type, output }, i) => {
        const [matrix, bias] = weights[i] ?? [];
        const activation = layers[i + 1]?.type === 'relu' ? 'relu' : 'linear';
        if (type === 'conv') {
          return tf.fused.conv2d({
            x: value,
            filter: matrix,
            strides: 1,
            pad: 'same',
            bias,
            activation,
          });
        }
        if (type === 'dense') return tf.fused.matMul({ a: value, b: matrix, bias, activation });
        if (type === 'pool') return tf.maxPool(value, 2, 2, 'valid');
        return type === 'flatten' ? tf.reshape(value, [-1, output[0]]) : value;
      }, x);
    return { apply, variables: weights.flat().filter(Boolean) };
  }

  return {
    gemm({ m, k, n, a, b }) {
      const [left, right] = [tf.tensor2d(a, [m, k]), tf.tensor2d(b, [k, n])];
      return task(() => tf.matMul(left, right), [left, right]);
    },

    conv({ inputShape, kernelShape, outputShape, input, kernels }) {
      const x = images(tf, input, inputShape);
      const filter = toKernels(tf, kernels, kernelShape);
      return task(
        () => tf.conv2d(x, filter, 1, 'same'),
        [x, filter],
        (values) => toChannelsFirst(values, outputShape),
      );
    },

    inference(data) {
      const { apply, variables } = build(data);
      const x = images(tf, data.x, [data.batch, ...data.inputShape]);
      return task(() => tf.tidy(() => apply(x)), [x, ...variables]);
    },

    training(data) {
      if (variant === 'wasm' && data.layers.some(({ type }) => type === 'conv')) {
        throw new Missing('its wasm backend lacks Conv2DBackpropFilter: no convolution trains');
      }
      const { apply, variables } = build(data);
      const x = images(tf, data.x, [data.batch, ...data.inputShape]);
      const y = tf.tensor2d(data.y, [data.batch, 10]);
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
