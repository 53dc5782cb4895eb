/** The messages between the page and its worker, and the plain data in them. */
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

/** A file as the worker fetches it. */
export interface Download {
  readonly url: string;
  readonly bytes: number;
}

/** Where the samples of a run are. */
export interface Sources {
  readonly train: readonly Download[];
  readonly test: readonly Download[];
}

export type FileFormat = 'npz' | 'safetensors' | 'onnx';

export type Request =
  | { readonly type: 'start'; readonly config: RunConfig; readonly sources: Sources }
  /** Goes on with the run that was kept. */
  | { readonly type: 'restore'; readonly sources: Sources }
  /** Asks for the run that was kept. */
  | { readonly type: 'kept' }
  | { readonly type: 'forget' }
  | { readonly type: 'save'; readonly format: FileFormat }
  /** Takes the model in a file; `config` has its layers where the file has weights alone. */
  | {
      readonly type: 'load';
      readonly name: string;
      readonly bytes: Uint8Array;
      readonly config: RunConfig;
      readonly test: readonly Download[];
    }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'stop' }
  /** Asks whether layers fit together. */
  | { readonly type: 'check'; readonly layers: readonly LayerConfig[] }
  /** `image` holds 784 values from 0 to 1. */
  | { readonly type: 'predict'; readonly image: Float32Array }
  /** Asks for the samples that the page shows while the network learns. */
  | { readonly type: 'watch'; readonly test: readonly Download[] }
  /** Asks what every layer makes of an image. */
  | { readonly type: 'look'; readonly image: Float32Array }
  /** Asks for a random sample that the network was not trained on. */
  | { readonly type: 'sample'; readonly test: readonly Download[] };

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

export interface Samples {
  /** 784 bytes each. */
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

export interface Started {
  readonly steps: number;
  readonly stepsPerEpoch: number;
  readonly samples: number;
  readonly parameterCount: number;
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

/** The run that was kept before the page was loaded. */
export interface Kept {
  readonly config: RunConfig;
  readonly step: number;
  readonly steps: number;
}

/** The model in a file. */
export interface Loaded {
  readonly name: string;
  /** Absent when the page's list cannot show them. */
  readonly layers?: readonly LayerConfig[];
  readonly parameterCount: number;
  readonly review: Review;
}

export type Reply =
  | { readonly type: 'ready'; readonly variant: string; readonly reason: string }
  | { readonly type: 'download'; readonly loaded: number; readonly total: number }
  | ({ readonly type: 'watched' } & Samples)
  | ({ readonly type: 'checked' } & NetworkCheck)
  | ({ readonly type: 'started' } & Started)
  | ({ readonly type: 'kept' } & Kept)
  | { readonly type: 'saved'; readonly format: FileFormat; readonly bytes: Uint8Array<ArrayBuffer> }
  | ({ readonly type: 'loaded' } & Loaded)
  | ({ readonly type: 'progress' } & Progress)
  | ({ readonly type: 'validation' } & Validation)
  | ({ readonly type: 'finished' } & Finished)
  | {
      readonly type: 'prediction';
      readonly probabilities: Float32Array;
      readonly milliseconds: number;
    }
  | ({ readonly type: 'look' } & Look)
  | { readonly type: 'sample'; readonly image: Uint8Array; readonly label: number }
  | {
      readonly type: 'error';
      /** In words, for the page's reader. */
      readonly message: string;
      /** Whether there is no training after it. */
      readonly endsRun: boolean;
    };
