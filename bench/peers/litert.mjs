// LiteRT.js (TensorFlow Lite with XNNPACK), in pages only, on models written here. Channels last.
import { toChannelsFirst, toChannelsLast, transpose } from '../data.mjs';
import { tfliteModel } from '../formats/tflite.mjs';
import { denseWeightsChannelsLast, foldNorms, isDepthwise } from '../layers.mjs';
import { Missing } from './missing.mjs';

async function start(threads, assets) {
  const litert = await import('@litertjs/core');
  await litert.loadLiteRt(assets.litert, { threads: threads > 1 });
  return litert;
}

export async function open({ threads, assets }) {
  return tasks(await start(threads, assets), threads);
}

const batchLast = ([n, c, h, w]) => [n, h, w, c];

/** A shape [batch, c, h, w] or [batch, features] with channels last. */
const channelsLast = (shape) => (shape.length === 4 ? batchLast(shape) : shape);

/** [out, h, w, in], but [1, h, w, channels] for a depthwise convolution. */
function kernelsOf(layer) {
  const { weights, weightShape, groups } = layer;
  if (!isDepthwise(layer)) {
    if (groups > 1) throw new Missing('no convolution in groups');
    return { shape: batchLast(weightShape), values: toChannelsLast(weights, weightShape) };
  }
  const [depth, , h, w] = weightShape;
  return { shape: [1, h, w, depth], values: transpose(weights, weightShape, [1, 2, 3, 0]) };
}

const matrixOf = (values, [rows, columns]) => ({
  shape: [columns, rows],
  values: transpose(values, [rows, columns], [1, 0]),
});

const biasesOf = (values) => ({ shape: [values.length], values });

const wholeNumbers = (...values) => ({
  shape: [values.length],
  values: Int32Array.from(values),
});

/** A layer's constants, in the order of its operator's inputs. */
const constantsOf = {
  conv: (layer) => [kernelsOf(layer), biasesOf(layer.biases ?? new Float32Array(layer.depth))],
  dense: ({ weightShape, biases }, layers, i) => [
    matrixOf(denseWeightsChannelsLast(layers, i), weightShape),
    biasesOf(biases),
  ],
  globalPool: () => [wholeNumbers(1, 2)],
  flatten: ({ output }, layers, i, batch) => [wholeNumbers(batch, ...output)],
  ...Object.fromEntries(
    ['pool', 'averagePool', 'sigmoid', 'softmax', 'gelu'].map((type) => [type, () => []]),
  ),
};

function steps({ layers: all, batch }) {
  const layers = foldNorms(all);
  return layers.flatMap((layer, i) => {
    if (layer.type === 'relu') return [];
    const constants = constantsOf[layer.type];
    if (!constants) throw new Missing(`no operator for ${layer.type}`);
    return [
      {
        ...layer,
        kind: isDepthwise(layer) ? 'depthwise' : layer.type,
        relu: layers[i + 1]?.type === 'relu',
        shape: channelsLast([batch, ...layer.output]),
        constants: constants(layer, layers, i, batch),
      },
    ];
  });
}

function tasks({ loadAndCompile, Tensor }, threads) {
  const compile = (inputShape, modelSteps) =>
    loadAndCompile(tfliteModel(inputShape, modelSteps), {
      accelerator: 'wasm',
      cpuOptions: { numThreads: threads },
    });

  async function task(inputShape, modelSteps, values, fromResult = (output) => output) {
    const model = await compile(inputShape, modelSteps);
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

  /** Forward passes of a network, or of a single operator, over a batch that stays. */
  function forward(data) {
    const { batch, inputShape, outputShape, x } = data;
    const [from, to] = [inputShape, outputShape].map((shape) => [batch, ...shape]);
    const values = from.length === 4 ? toChannelsLast(x, from) : x;
    return task(channelsLast(from), steps(data), values, (result) =>
      to.length === 4 ? toChannelsFirst(result, to) : result,
    );
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

    operator: forward,
    inference: forward,

    async prediction(data) {
      const shape = [1, ...data.inputShape];
      const model = await compile(shape, steps(data));
      const run = async () => {
        const x = new Tensor(data.x, shape);
        const [output] = await model.run(x);
        const values = output.toTypedArray().slice();
        x.delete();
        output.delete();
        return values;
      };
      return { run, result: run, dispose: () => model.delete() };
    },
  };
}

export async function startup({ assets }) {
  const { gemm } = tasks(await start(1, assets), 1);
  const b = new Float32Array(7840).fill(0.01);
  const dense = await gemm({ m: 1, k: 784, n: 10, a: new Float32Array(784).fill(1), b });
  return dense.result();
}
