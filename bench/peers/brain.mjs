// brain.js: plain JavaScript, dense layers only, one sample at a time. Its build for browsers is
// used in Node as well: the one for Node wants gpu.js, which compiles native code.
import { transpose } from '../data.mjs';
import { Missing } from './missing.mjs';

const start = async () => (await import('brain.js/dist/browser.js')).default;

export async function open() {
  return tasks(await start());
}

function tasks({ NeuralNetwork }) {
  /** A network with the activation of ours in every layer. */
  function build(layers, options) {
    const dense = layers.filter(({ type }) => type === 'dense');
    const net = new NeuralNetwork({
      ...{ inputSize: dense[0].weightShape[0], outputSize: dense.at(-1).size },
      ...{ hiddenLayers: dense.slice(0, -1).map(({ size }) => size) },
      activation: layers.find(({ type }) => type === 'relu' || type === 'sigmoid').type,
      ...options,
    });
    net.initialize();
    return net;
  }

  return {
    missing: {
      gemm: 'no matrix product: it handles one sample at a time',
      operator: 'no convolution',
      inference: 'no convolution, and no tensors',
    },

    prediction({ layers, x }) {
      const net = build(layers, {});
      layers
        .filter(({ weights }) => weights)
        .forEach(({ weights, weightShape: [rows, columns], biases }, i) => {
          net.biases[i + 1].set(biases);
          const all = transpose(weights, [rows, columns], [1, 0]);
          net.weights[i + 1].forEach((node, j) => node.set(all.subarray(j * rows, (j + 1) * rows)));
        });
      return {
        run: () => net.run(x),
        // Its last layer has a sigmoid too, which is undone here.
        result: () => net.run(x).map((value) => Math.log(value / (1 - value))),
      };
    },

    training({ layers, batch, x, y, outputShape: [kinds], learningRate }) {
      if (layers.some(({ type }) => type === 'conv')) throw new Missing('no convolution');
      const net = build(layers, { praxis: 'adam', learningRate });
      const width = x.length / batch;
      const patterns = Array.from({ length: batch }, (_, i) => ({
        input: x.subarray(i * width, (i + 1) * width),
        output: y.subarray(i * kinds, (i + 1) * kinds),
      }));
      return {
        note: 'squared error, an update per sample',
        check: 'own-loss',
        run: () =>
          patterns.reduce((sum, pattern) => sum + net.trainPattern(pattern, true), 0) / batch,
      };
    },
  };
}

export async function startup() {
  const { NeuralNetwork } = await start();
  const net = new NeuralNetwork({ inputSize: 784, outputSize: 10, hiddenLayers: [] });
  net.initialize();
  return net.runInput(new Float32Array(784).fill(1));
}
