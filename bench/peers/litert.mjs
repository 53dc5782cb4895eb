// LiteRT.js (TensorFlow Lite with XNNPACK), in pages only, on models written here. Channels last.
import { toChannelsFirst, toChannelsLast, transpose } from '../data.mjs';
import { tfliteModel } from '../formats/tflite.mjs';
import { denseWeightsChannelsLast } from '../networks.mjs';

async function start(threads, assets) {
  const litert = await import('@litertjs/core');
  await litert.loadLiteRt(assets.litert, { threads: threads > 1 });
  return litert;
}

export async function open({ threads, assets }) {
  return tasks(await start(threads, assets), threads);
}

const batchLast = ([n, c, h, w]) => [n, h, w, c];

const kernelsOf = (values, shape) => ({
  shape: batchLast(shape),
  values: toChannelsLast(values, shape),
});

const matrixOf = (values, [rows, columns]) => ({
  shape: [columns, rows],
  values: transpose(values, [rows, columns], [1, 0]),
});

const biasesOf = (values) => ({ shape: [values.length], values });

function steps({ layers, batch }) {
  return layers.flatMap((layer, i) => {
    const { type, weights, weightShape, biases } = layer;
    if (type === 'relu') return [];
    const shape = [
      batch,
      ...(layer.output.length === 3 ? [...layer.output.slice(1), layer.output[0]] : layer.output),
    ];
    const constants = {
      conv: () => [kernelsOf(weights, weightShape), biasesOf(biases)],
      dense: () => [matrixOf(denseWeightsChannelsLast(layers, i), weightShape), biasesOf(biases)],
      pool: () => [],
      flatten: () => [{ shape: [2], values: Int32Array.from(shape) }],
    };
    const relu = layers[i + 1]?.type === 'relu';
    return [{ kind: type, relu, shape, constants: constants[type]() }];
  });
}

function tasks({ loadAndCompile, Tensor }, threads) {
  async function task(inputShape, modelSteps, values, fromResult = (output) => output) {
    const model = await loadAndCompile(tfliteModel(inputShape, modelSteps), {
      accelerator: 'wasm',
      cpuOptions: { numThreads: threads },
    });
    const x = new Tensor(values, inputShape);
    const compute = async () => (await model.run(x))[0];
    return {
      run: async () => (await compute()).delete(),
      async result() {
        const output = await compute();
        const copy = output.toTypedArray().slice();
        output.delete();
        return fromResult(copy);
      },
      dispose() {
        x.delete();
        model.delete();
      },
    };
  }

  return {
    missing: { training: 'cannot train' },

    gemm({ m, k, n, a, b }) {
      const zero = biasesOf(new Float32Array(n));
      return task(
        [m, k],
        [{ kind: 'dense', shape: [m, n], constants: [matrixOf(b, [k, n]), zero] }],
        a,
      );
    },

    conv({ inputShape, kernelShape, outputShape, input, kernels }) {
      const constants = [
        kernelsOf(kernels, kernelShape),
        biasesOf(new Float32Array(kernelShape[0])),
      ];
      const step = { kind: 'conv', shape: batchLast(outputShape), constants };
      return task(batchLast(inputShape), [step], toChannelsLast(input, inputShape), (values) =>
        toChannelsFirst(values, outputShape),
      );
    },

    inference(data) {
      const shape = [data.batch, ...data.inputShape];
      return task(batchLast(shape), steps(data), toChannelsLast(data.x, shape));
    },
  };
}

export async function startup({ assets }) {
  const { gemm } = tasks(await start(1, assets), 1);
  const b = new Float32Array(7840).fill(0.01);
  const dense = await gemm({ m: 1, k: 784, n: 10, a: new Float32Array(784).fill(1), b });
  return dense.result();
}
