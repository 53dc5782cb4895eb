// brain.js: plain JavaScript, dense layers only, one sample at a time. Its build for browsers is
// used in Node as well: the one for Node wants gpu.js, which compiles native code.
import { Missing } from './missing.mjs';

const start = async () => (await import('brain.js/dist/browser.js')).default;

export async function open() {
  return tasks(await start());
}

function tasks({ NeuralNetwork }) {
  return {
    missing: {
      gemm: 'no matrix product: it handles one sample at a time',
      conv: 'no convolution',
      inference: 'no convolution',
    },

    training({ layers, batch, x, y, learningRate }) {
      if (layers.some(({ type }) => type === 'conv')) throw new Missing('no convolution');
      const dense = layers.filter(({ type }) => type === 'dense');
      const net = new NeuralNetwork({
        ...{ inputSize: dense[0].weightShape[0], outputSize: 10 },
        ...{ hiddenLayers: dense.slice(0, -1).map(({ size }) => size) },
        ...{ activation: 'relu', praxis: 'adam', learningRate },
      });
      net.initialize();
      const width = dense[0].weightShape[0];
      const patterns = Array.from({ length: batch }, (_, i) => ({
        input: x.subarray(i * width, (i + 1) * width),
        output: y.subarray(i * 10, (i + 1) * 10),
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
