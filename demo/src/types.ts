/** The data that the parts of the page give each other. */
import type { LayerConfig } from 'lamella';

/** A file of labels and images, gzipped. */
export interface PartInfo {
  /** Relative to the page. */
  readonly path: string;
  /** Size of the download. */
  readonly bytes: number;
}

export interface DatasetInfo {
  readonly id: string;
  readonly title: string;
  /** The word for an image's object. */
  readonly noun: 'digit' | 'garment';
  /** Names of the ten classes. */
  readonly classes: readonly string[];
  readonly parts: Readonly<Record<'trainSmall' | 'trainRest' | 'testSmall' | 'testRest', PartInfo>>;
}

export type OptimizerType = 'Adam' | 'RMSprop' | 'SGD';

/** Everything that a training run follows from. */
export interface RunConfig {
  readonly dataset: string;
  /** Whether to train on all 60,000 samples instead of the first 10,000. */
  readonly full: boolean;
  readonly layers: readonly LayerConfig[];
  readonly optimizer: OptimizerType;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly seed: number;
}

/** A file to fetch. */
export interface Download {
  readonly url: string;
  readonly bytes: number;
}

/** Samples as bytes, 784 for each image: a quarter of the memory that floats would take. */
export interface Digits {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

export type FileFormat = 'npz' | 'safetensors' | 'onnx';

export interface LayerInfo {
  readonly outputShape: readonly number[];
  /** Number of trainable numbers. */
  readonly parameters: number;
}

export interface NetworkCheck {
  /** Of the layers before the first that does not fit. */
  readonly infos: readonly LayerInfo[];
  /** The reason in words why the network cannot be trained; absent when it can. */
  readonly problem?: string;
}

/** One batch on the training curve. */
export interface BatchPoint {
  /** Batches so far, from 1. */
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
}

export interface Progress {
  readonly points: readonly BatchPoint[];
  readonly epoch: number;
  readonly step: number;
  readonly steps: number;
  readonly samplesPerSecond: number;
  /** Seconds of training, pauses left out. */
  readonly elapsed: number;
  readonly remaining: number;
  /** Predicted class of each watched sample. */
  readonly watched: Uint8Array;
}

/** Loss and accuracy on samples that the network is not trained on. */
export interface Validation {
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
}

export interface Started {
  readonly steps: number;
  readonly samples: number;
  readonly parameterCount: number;
}

export interface Prediction {
  /** Of the classes. */
  readonly probabilities: Float32Array;
  /** From the question to the answer. */
  readonly milliseconds: number;
}

/** A sample that the network takes for something else. */
export interface Mistake {
  readonly image: Uint8Array;
  readonly label: number;
  readonly guess: number;
  /** Of the guess. */
  readonly probability: number;
}

/** The network's predictions for all samples held back. */
export interface Review {
  readonly samples: number;
  readonly accuracy: number;
  /** Samples by class (rows of ten) and guess. */
  readonly confusion: Uint32Array;
  /** The surest first. */
  readonly mistakes: readonly Mistake[];
}

export interface Finished {
  readonly stopped: boolean;
  readonly seconds: number;
  /** Absent when it was stopped before it began. */
  readonly review?: Review;
}

/** Images side by side, row-major, of any range. */
export interface Maps {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** How many values fall into equal steps from -range to range. */
export interface Histogram {
  readonly range: number;
  readonly counts: readonly number[];
}

export interface LayerLook {
  readonly type: string;
  readonly output: Maps;
  readonly weights?: Histogram;
  /** Of the last batch. */
  readonly gradients?: Histogram;
}

export interface Look {
  /** The weights of the first layer that has any, where they can be shown as images. */
  readonly kernels?: Maps;
  readonly layers: readonly LayerLook[];
}

/** The model in a file. */
export interface Loaded {
  readonly name: string;
  /** Absent when the page's list cannot show them. */
  readonly layers?: readonly LayerConfig[];
  readonly parameterCount: number;
  readonly review: Review;
}

/** The events that panels listen to, by name. */
export interface Events {
  ready: { readonly variant: string; readonly reason: string };
  /** Bytes, of all that there are to load. */
  download: { readonly loaded: number; readonly total: number };
  /** The samples to watch. */
  watched: Digits;
  checked: NetworkCheck;
  started: Started;
  loaded: Loaded;
  progress: Progress;
  validation: Validation;
  finished: Finished;
  predicted: Prediction;
  /** A message in words, for the page's reader, and whether there is no training after it. */
  error: { readonly message: string; readonly endsRun: boolean };
}

/** Tells the panels of an event. */
export type Tell = <Name extends keyof Events>(name: Name, event: Events[Name]) => void;
