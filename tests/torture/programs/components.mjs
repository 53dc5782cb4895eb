// Layers, losses, optimizers, metrics and schedules with random options.
import * as lamella from 'lamella';
import { customLayer, customLoss, customMetric, customSchedule } from './custom.mjs';
import { options, orWild, sampleShape } from './values.mjs';

const {
  Adam,
  AdamW,
  AveragePooling2D,
  BatchNormalization,
  BatchNormalization2D,
  BinaryCrossEntropy,
  CategoricalCrossEntropy,
  Convolutional,
  Dense,
  Dropout,
  Flatten,
  GELU,
  GlobalAveragePooling2D,
  Huber,
  LayerNormalization,
  LeakyReLU,
  MaxPooling2D,
  MSE,
  PReLU,
  ReLU,
  Reshape,
  Residual,
  RMSprop,
  SGD,
  Sigmoid,
  Softmax,
  SparseCategoricalCrossEntropy,
  Swish,
  Tanh,
} = lamella;

// -- Layers ---------------------------------------------------------------------------------------

const layerMakers = [
  (w) =>
    new Dense(
      orWild(w, w.random.integer(1, 5)),
      options(w, { inputSize: 3, noBias: true, initialization: 'he' }),
    ),
  (w) => new Dense(w.random.integer(1, 5)),
  (w) =>
    new Convolutional(
      orWild(w, 2),
      orWild(w, w.random.integer(1, 3)),
      options(w, { inputShape: [1, 4, 4], padding: 'same', stride: 2, noBias: true }),
    ),
  () => new Convolutional(2, 3, { padding: 'same' }),
  (w) => new BatchNormalization(options(w, { momentum: 0.5, epsilon: 1e-3 })),
  (w) => new BatchNormalization2D(options(w, { momentum: 0.5, epsilon: 1e-3 })),
  (w) => new LayerNormalization(options(w, { epsilon: 1e-3 })),
  (w) => new Dropout(orWild(w, 0.3)),
  (w) => new Flatten(options(w, { inputShape: [2, 3] })),
  (w) => new MaxPooling2D(orWild(w, 2), options(w, { stride: 1 })),
  (w) => new AveragePooling2D(orWild(w, 2), options(w, { stride: 1 })),
  () => new GlobalAveragePooling2D(),
  (w) => new Reshape(orWild(w, sampleShape(w), 0.2)),
  (w) => new PReLU(options(w, { alpha: 0.1 })),
  (w) => new LeakyReLU(options(w, { alpha: 0.1 })),
  (w) => new Softmax(options(w, { temperature: 2 })),
  ...[ReLU, GELU, Sigmoid, Swish, Tanh].map(
    (Class) => (w) => new Class(options(w, { inputShape: [3] })),
  ),
];

/** A layer, made now or, in programs that share, one of those that are. */
export function someLayer(world) {
  const { random } = world;
  const shared = world.custom && random.chance(0.3) ? world.anyLayer() : undefined;
  if (shared) return shared;
  if (world.custom && random.chance(0.2)) {
    const kind = {
      weighted: random.chance(0.5),
      state: random.chance(0.3),
      shares: random.chance(0.3),
    };
    return world.keep('layers', customLayer(world, kind));
  }
  return world.keep('layers', random.pick(layerMakers)(world));
}

export function someResidual(world) {
  const inside = [someLayer(world)];
  if (world.random.chance(0.3)) inside.push(someLayer(world));
  const shortcut = world.random.chance(0.3) ? [someLayer(world)] : undefined;
  const block = new Residual(orWild(world, inside), options(world, { shortcut }));
  return world.keep('layers', block);
}

// -- Losses, optimizers, metrics --------------------------------------------------------------------

const losses = [
  () => new MSE(),
  (w) => new Huber(options(w, { delta: 0.5 })),
  () => new BinaryCrossEntropy(),
  (w) => new CategoricalCrossEntropy(options(w, { temperature: 2 })),
  (w) => new SparseCategoricalCrossEntropy(options(w, { temperature: 2 })),
];
export const someLoss = (world) =>
  world.keep(
    'losses',
    world.custom && world.random.chance(0.3) ? customLoss(world) : world.random.pick(losses)(world),
  );

const optimizers = [
  (w) =>
    new SGD(options(w, { learningRate: 0.01, momentum: 0.9, nesterov: true, weightDecay: 0.1 })),
  (w) => new Adam(options(w, { learningRate: 0.01, beta1: 0.8, clipNorm: 1 })),
  (w) => new AdamW(options(w, { learningRate: 0.01, weightDecay: 0.1 })),
  (w) => new RMSprop(options(w, { learningRate: 0.01, decayRate: 0.8 })),
];
export const someOptimizer = (world) =>
  world.custom && world.random.chance(0.1)
    ? (world.any(world.optimizers) ?? new SGD())
    : world.keep('optimizers', world.random.pick(optimizers)(world));

const metricClasses = ['Accuracy', 'Precision', 'Recall', 'F1Score', 'RMSE', 'MAE', 'R2Score'];
export const someMetric = (world) =>
  world.custom && world.random.chance(0.2)
    ? customMetric(world)
    : new lamella[world.random.pick(metricClasses)]();

export const schedules = [
  (w) => new lamella.StepDecay(options(w, { initial: 0.1, factor: 0.5, every: 2 })),
  (w) => new lamella.CosineDecay(options(w, { initial: 0.1, steps: 5 })),
  () =>
    new lamella.WarmUp({ steps: 3, schedule: new lamella.StepDecay({ initial: 0.1, every: 2 }) }),
  (w) => (w.custom ? customSchedule(w) : undefined),
];
