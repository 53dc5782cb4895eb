import {
  Adam,
  ArrayDataset,
  AveragePooling2D,
  BatchNormalization2D,
  Convolutional,
  Dense,
  Dropout,
  type EpochResult,
  Flatten,
  type Layer,
  Model,
  ReLU,
  SparseCategoricalCrossEntropy,
} from 'lamella';
import { shuffle } from 'lamella/data';
import type { ExampleClass } from './examples.js';
import { type Picture, pictureShape } from './picture.js';

const batchSize = 16;
const minEpochs = 20;
/** Fewest steps of a training: with few pictures, passes over them are short, and it takes more of them. */
const minSteps = 300;
const heldBack = 0.2;
/** One seed, one result, of the same pictures. */
const seed = 1;

/** A convolution that halves rows and columns, its outputs brought to one scale, and what is above 0 of them. */
const halving = (depth: number): Layer[] => [
  new Convolutional(depth, 3, { stride: 2 }),
  new BatchNormalization2D(),
  new ReLU(),
];

/** An untrained network that tells so many classes apart. */
export function createModel(classes: number): Model {
  const layers = [
    ...[...halving(16), ...halving(32), ...halving(64)],
    // Means of nine parts of the picture: something is found wherever it is, and roughly where.
    ...[new AveragePooling2D(3, { stride: 2 }), new Flatten(), new Dropout(0.3)],
    new Dense(classes),
  ];
  return new Model(layers, {
    inputShape: pictureShape,
    loss: new SparseCategoricalCrossEntropy(),
    optimizer: new Adam({ learningRate: 0.001 }),
    seed,
  });
}

function datasetOf(classes: readonly ExampleClass[]): ArrayDataset {
  const pictures = classes.flatMap(({ examples }) => examples);
  const size = pictureShape.reduce((a, b) => a * b);
  const x = new Uint8Array(pictures.length * size);
  pictures.forEach((picture, i) => x.set(picture, i * size));
  const labels = classes.flatMap(({ examples }, label) => examples.map(() => label));
  return new ArrayDataset({
    x,
    y: Uint8Array.from(labels),
    length: pictures.length,
    scale: 1 / 255,
  });
}

/** Passes over so many pictures. */
function epochsOf(pictures: number): number {
  const steps = Math.ceil((pictures * (1 - heldBack)) / batchSize);
  return Math.max(minEpochs, Math.ceil(minSteps / steps));
}

/** Listeners to a training, and the signal that stops it. */
export interface TrainCallbacks {
  /** @param done - From 0 to 1. */
  readonly onProgress: (done: number) => void;
  readonly onEpoch: (result: EpochResult, epochs: number) => void;
  readonly signal: AbortSignal;
}

/** Trains a model on four fifths of the pictures, drawn by the seed; the rest says how well it reads. */
export async function trainModel(
  model: Model,
  classes: readonly ExampleClass[],
  { onProgress, onEpoch, signal }: TrainCallbacks,
): Promise<void> {
  const data = shuffle(datasetOf(classes), seed);
  const epochs = epochsOf(data.length);
  await model.train(data, {
    ...{ epochs, batchSize, validationSplit: heldBack, restoreBest: true },
    // A class with few pictures counts as much as one with many.
    classWeights: classes.map(({ examples }) => data.length / classes.length / examples.length),
    onBatch: ({ epoch, batch, batches }) => onProgress((epoch - 1 + batch / batches) / epochs),
    onEpoch: (result) => onEpoch(result, epochs),
    signal,
  });
}

/** The probability of each class, by a model. */
export function predictPicture(model: Model, picture: Picture): Float32Array {
  const predicted = model.predict(Float32Array.from(picture, (byte) => byte / 255));
  const probabilities = predicted.toArray();
  predicted.dispose();
  return probabilities;
}
