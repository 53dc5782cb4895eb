// jax-js on its 'wasm' device: every workload is one function under jit.
import { scaleAndShift } from '../layers.mjs';
import { Missing } from './missing.mjs';

async function start(threads) {
  // It starts a worker per core wherever memory can be shared, and has no setting for it.
  if (typeof document !== 'undefined') {
    if (threads === 1) delete globalThis.SharedArrayBuffer;
    else if (typeof SharedArrayBuffer === 'undefined') {
      throw new Missing('threads need a cross-origin isolated page');
    }
    Object.defineProperty(navigator, 'hardwareConcurrency', { value: threads });
  }
  const jax = await import('@jax-js/jax');
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  return jax;
}

export async function open({ threads }) {
  return tasks(await start(threads));
}

/** Arrays are consumed by the functions they are passed to; `.ref` keeps one. */
function tasks({ blockUntilReady, jit, lax, nn, numpy: np, tree, valueAndGrad }) {
  const array = (values, shape) => np.array(values).reshape(shape);

  function task(compute, x, constants) {
    const run = async () => (await compute().blockUntilReady()).dispose();
    return {
      run,
      result: async () => compute().data(),
      dispose: () => [x, ...constants].forEach((value) => value.dispose()),
    };
  }

  const kept = (constants) => constants.map((value) => value.ref);

  /** Each takes a batch, the layer and its parameters, and consumes batch and parameters. */
  const operators = {
    conv(x, { stride, groups, padding, depth }, [kernels, biases]) {
      const options = { featureGroupCount: groups };
      const strides = [stride, stride];
      const y = lax.convGeneralDilated(x, kernels, strides, padding.toUpperCase(), options);
      return biases ? y.add(biases.reshape([1, depth, 1, 1])) : y;
    },
    dense: (x, layer, [weights, biases]) => np.matmul(x, weights).add(biases),
    pool: (x, layer) => pooled(x, layer, np.max),
    averagePool: (x, layer) => pooled(x, layer, np.mean),
    globalPool: (x) => np.mean(x, [2, 3]),
    batchNorm: (x, { input: [c] }, [scale, shift]) =>
      x.mul(scale.reshape([1, c, 1, 1])).add(shift.reshape([1, c, 1, 1])),
    layerNorm: (x, layer, [gamma, beta]) =>
      nn.standardize(x, -1, { epsilon: 1e-5 }).mul(gamma).add(beta),
    flatten: (x, { output }) => x.reshape([-1, output[0]]),
    relu: (x) => nn.relu(x),
    sigmoid: (x) => nn.sigmoid(x),
    gelu: (x) => nn.gelu(x, { approximate: true }),
    softmax: (x) => nn.softmax(x, -1),
  };

  function pooled(x, { size, stride, padding }, reduce) {
    if (padding !== 'valid') throw new Missing('pads with zeros only, which may be greatest');
    return lax.reduceWindow(x, reduce, [size, size], [stride, stride]);
  }

  /** A layer's parameters: those of a normalization of batches as scale and shift. */
  function parametersOf(layer) {
    const { type, weights, weightShape, biases, gamma, beta } = layer;
    if (type === 'batchNorm') {
      const { scale, shift } = scaleAndShift(layer);
      return [np.array(scale), np.array(shift)];
    }
    return [weights && array(weights, weightShape), biases, gamma, beta].flatMap((values) =>
      values ? [values instanceof Float32Array ? np.array(values) : values] : [],
    );
  }

  /** Layers as a function of parameters (a flat list) and a batch; consumes both. */
  function apply(layers, parameters, x) {
    let next = 0;
    return layers.reduce((value, layer) => {
      const count = countOf(layer);
      const own = parameters.slice(next, next + count);
      next += count;
      return operators[layer.type](value, layer, own);
    }, x);
  }

  const countOf = ({ weights, biases, gamma }) =>
    gamma ? 2 : Number(!!weights) + Number(!!biases);

  /** Forward passes of a network, or of a single operator, over a batch that stays. */
  function forward({ layers, batch, inputShape, x: values }) {
    const parameters = layers.flatMap(parametersOf);
    const x = array(values, [batch, ...inputShape]);
    const f = jit((list, batchOfInputs) => apply(layers, list, batchOfInputs));
    return task(() => f(kept(parameters), x.ref), x, parameters);
  }

  return {
    gemm({ m, k, n, a, b }) {
      const [x, y] = [array(a, [m, k]), array(b, [k, n])];
      const f = jit((left, right) => np.matmul(left, right));
      return task(() => f(x.ref, y.ref), x, [y]);
    },

    operator: forward,
    inference: forward,

    prediction({ layers, inputShape, x: values }) {
      const parameters = layers.flatMap(parametersOf);
      const f = jit((list, x) => apply(layers, list, x));
      const run = () => f(kept(parameters), array(values, [1, ...inputShape])).data();
      return { run, result: run, dispose: () => parameters.forEach((value) => value.dispose()) };
    },

    training({ layers, batch, inputShape, outputShape, x: values, y: expected, learningRate }) {
      const x = array(values, [batch, ...inputShape]);
      const y = array(expected, [batch, ...outputShape]);
      const loss = (parameters, batchOfInputs, labels) =>
        nn
          .logSoftmax(apply(layers, parameters, batchOfInputs), -1)
          .mul(labels)
          .sum()
          .mul(-1 / batch);
      const adam = (value, gradient, mean, square, corrections) => {
        const [first, second] = [corrections.ref.slice(0), corrections.slice(1)];
        const m = mean.mul(0.9).add(gradient.ref.mul(0.1));
        const v = square.mul(0.999).add(gradient.ref.mul(gradient).mul(0.001));
        const root = np.sqrt(v.ref.mul(second)).add(1e-8);
        return [value.sub(m.ref.mul(first).mul(learningRate).div(root)), m, v];
      };
      const step = jit((parameters, means, squares, corrections, batchOfInputs, labels) => {
        const [value, gradients] = valueAndGrad(loss)(kept(parameters), batchOfInputs, labels);
        const updated = parameters.map((parameter, i) =>
          adam(parameter, gradients[i], means[i], squares[i], corrections.ref),
        );
        corrections.dispose();
        return [value, ...[0, 1, 2].map((part) => updated.map((of) => of[part]))];
      });
      let parameters = layers.flatMap(parametersOf);
      let means = parameters.map((value) => np.zeros(value.shape));
      let squares = parameters.map((value) => np.zeros(value.shape));
      let steps = 0;
      return {
        async run() {
          steps++;
          const corrections = np.array([1 / (1 - 0.9 ** steps), 1 / (1 - 0.999 ** steps)]);
          let value;
          [value, parameters, means, squares] = step(
            ...[parameters, means, squares, corrections, x.ref, y.ref],
          );
          await blockUntilReady([parameters, means, squares]);
          const [number] = await value.data();
          return number;
        },
        dispose: () => tree.dispose([parameters, means, squares, x, y]),
      };
    },
  };
}

export async function startup() {
  const { numpy: np } = await start(1);
  const weights = np.array(new Float32Array(7840).fill(0.01)).reshape([784, 10]);
  const x = np.array(new Float32Array(784).fill(1)).reshape([1, 784]);
  return np
    .matmul(x, weights)
    .add(np.zeros([10]))
    .data();
}
