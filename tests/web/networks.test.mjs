// The networks of examples/networks/ against Keras: scripts/judges/networks.py wrote what its twins predict
// and how they learn, with weights and data of the same formula.
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  CategoricalCrossEntropy,
  exportOnnx,
  init,
  loadCheckpoint,
  Model,
  MSE,
  saveCheckpoint,
  SGD,
  tensor,
} from 'lamella/graph';
import { env, InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-web';
import * as networks from '../../examples/networks/index.mjs';
import { mixed, units, weight } from './formula.mjs';

beforeAll(async () => {
  await init();
  // Threads would outlive the tests.
  env.wasm.numThreads = 1;
});

const file = new URL('../fixtures/judges/networks.json', import.meta.url);
const judges = JSON.parse(await readFile(file, 'utf8'));

// Their tensors have numbers of their own, above those of any weight.
const [IMAGES, LABELS, BOXES] = [1_000_000, 1_000_001, 1_000_002];

/** Gives all weights their values; says their names and shapes, as the judge has them. */
function fill(layers, gain) {
  const tensors = [];
  const filled = ([name, { shape }]) => {
    const isMatrix = name === 'weights' || name === 'kernels';
    const size = shape.reduce((product, length) => product * length, 1);
    const values = weight(name, tensors.length, shape, gain);
    tensors.push(`${name} ${isMatrix ? shape.join('x') : size}`);
    return [name, tensor(values, shape)];
  };
  const valuesOf = ([name, { value }]) => [name, value];
  for (const layer of layers) {
    const params = Object.entries(layer.params).map(valuesOf).map(filled);
    const state = Object.entries(layer.state).map(filled);
    if (params.length > 0) layer.loadParams(Object.fromEntries(params));
    if (state.length > 0) layer.state = Object.fromEntries(state);
  }
  return tensors;
}

/** What a first output should be: one-hot vectors along the axis of the classes. */
function oneHot(batch, [classes, ...sizes]) {
  const positions = sizes.reduce((product, length) => product * length, 1);
  const result = new Float32Array(batch * classes * positions);
  for (let i = 0; i < batch * positions; i++) {
    const [sample, position] = [Math.floor(i / positions), i % positions];
    result[(sample * classes + (mixed(LABELS, i) % classes)) * positions + position] = 1;
  }
  return tensor(result, [batch, classes, ...sizes]);
}

/** The model of a judged network, its batch, and the names and shapes of its tensors. */
function prepare(name, { options, batch, learningRate, gain }) {
  const network = networks[name.split(' ')[0]]({ ...options, dropout: 0 });
  const outputs = [network.outputs].flat();
  const losses = [new CategoricalCrossEntropy(), new MSE()].slice(0, outputs.length);
  const model = new Model(network, {
    ...(outputs.length > 1 ? { loss: losses, lossWeights: [1, 0.5] } : { loss: losses[0] }),
    optimizer: new SGD({ learningRate }),
  });
  const tensors = fill(model.layers, gain);
  const [imageShape, boxShape] = [options.inputShape, [4]].map((shape) => [batch, ...shape]);
  const x = tensor(units(IMAGES, imageShape), imageShape);
  const labels = oneHot(batch, outputs[0].shape);
  const y = outputs.length > 1 ? [labels, tensor(units(BOXES, boxShape), boxShape)] : labels;
  return { model, tensors, x, y };
}

const greatest = (numbers) => numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 0);

/** The greatest difference between lists of numbers, which must be as long as each other. */
function difference(ours, theirs) {
  expect(ours).toHaveLength(theirs.length);
  return greatest(theirs.map((value, i) => value - ours[i]));
}

const predictionsOf = (model, x) => model.predictAll(x).map((output) => output.toArray());

/** The norms of all gradients of the last step. */
const gradientNorms = (layers) =>
  layers
    .flatMap((layer) => Object.values(layer.params))
    .map(({ gradient }) => Math.sqrt(gradient.toArray().reduce((sum, g) => sum + g * g, 0)));

describe.each(Object.entries(judges.networks))('%s, as Keras has it', (name, judge) => {
  test('predicts and learns the same', () => {
    const { model, tensors, x, y } = prepare(name, judge);
    expect(tensors).toEqual(judge.tensors);

    const differences = { predictions: 0, gradients: 0, losses: 0, trained: 0 };
    const compare = (what, outputs) =>
      predictionsOf(model, x).forEach((output, i) => {
        differences[what] = Math.max(differences[what], difference(output, outputs[i]));
      });
    compare('predictions', judge.predictions);

    const losses = judge.losses.map((_, step) => {
      const { loss } = model.trainBatch(x, y);
      if (step === 0) {
        // Of gradients that are 0 but for rounding, it is the others that say how large that is.
        const zero = 1e-4 * greatest(judge.gradientNorms);
        const relative = (norms) => norms.map((norm, i) => norm / (judge.gradientNorms[i] + zero));
        differences.gradients = difference(
          relative(gradientNorms(model.layers)),
          relative(judge.gradientNorms),
        );
      }
      return loss;
    });
    differences.losses = difference(losses, judge.losses);
    compare('trained', judge.trainedPredictions);
    model.dispose();

    // Seen: 4e-6, 1e-4, 5e-6 and 2e-5. Rounding grows through the steps of the deepest networks.
    expect(differences.predictions).toBeLessThan(1e-4);
    // Where a number is within rounding of a ReLU's kink, a gradient passes in one of two programs: seen 4e-3
    // with relaxed SIMD.
    expect(differences.gradients).toBeLessThan(1e-2);
    expect(differences.losses).toBeLessThan(1e-3);
    expect(differences.trained).toBeLessThan(1e-3);
  });

  test('predicts the same bits from a checkpoint, and the same in ONNX Runtime', async () => {
    const { model, x } = prepare(name, judge);
    const predictions = predictionsOf(model, x);
    const loaded = await loadCheckpoint(await saveCheckpoint(model));
    expect(predictionsOf(loaded, x)).toEqual(predictions);
    // A file of ONNX has several outputs as one, without the activations of their losses.
    if (predictions.length === 1) {
      const session = await InferenceSession.create(await exportOnnx(model));
      const input = new OnnxTensor('float32', x.toArray(), x.shape);
      const { [session.outputNames[0]]: output } = await session.run({ input });
      expect(difference(predictions[0], [...output.data])).toBeLessThan(1e-4);
    }
    for (const each of [model, loaded]) each.dispose();
  });
});

test.each(Object.entries(judges.parameters))(
  '%s has by default as many parameters as the published network: %i',
  (name, parameters) => {
    const model = new Model(networks[name]());
    expect(model.parameterCount).toBe(parameters);
    model.dispose();
  },
);
