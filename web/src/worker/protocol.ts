import type { ArrayDataset } from '../data/array-dataset.js';
import type { FileArray } from '../io/file-array.js';
import type { ModelFile } from '../io/model-file.js';
import type { ModelSnapshot } from '../io/snapshot.js';
import type { LayerConfig } from '../layers/layer.js';
import type { LayerSummary, Model } from '../model.js';
import type { LayerProfile } from '../profile.js';
import type { InitOptions, RuntimeInfo } from '../runtime/choose.js';
import type { Variant } from '../runtime/variants.js';
import type { Shape } from '../shape.js';
import type { Tensor, TensorData } from '../tensor.js';
import type { BatchProgress, EpochResult, Evaluation, TrainOptions } from '../train-options.js';

/** Number of a model or tensor that the worker keeps. */
export type Id = number;

/** Numbers, or a tensor that the worker has already. */
export type SentData = TensorData | { readonly tensor: Id };

/** The types in arguments that a client's caller gives otherwise than they are sent. */
export interface ArgumentTypes {
  data: unknown;
  dataset: unknown;
  /** Of a layer, a loss or an optimizer. */
  part: unknown;
  schedule: unknown;
  metric: unknown;
}

/** A data set, gathered by the worker out of arrays, or else by the other side. */
export type SentDataset =
  { readonly length: number } | Pick<ArrayDataset, 'x' | 'y' | 'length' | 'scale'>;

/** Those types as they are sent. */
export interface WireTypes extends ArgumentTypes {
  data: SentData;
  dataset: SentDataset;
  part: LayerConfig;
  schedule: LayerConfig;
  metric: LayerConfig;
}

/** Samples and their expected outputs. */
export interface Samples<Data> {
  readonly x: Data;
  readonly y: Data;
}

/** The way to a layer from the list of a model's: `[1, 'layers', 0]` is the first inside the second. */
export type LayerPath = readonly (number | string)[];

/** A model to make. */
export interface ModelPlan<Part> {
  readonly layers: readonly Part[];
  readonly loss?: Part | undefined;
  readonly optimizer?: Part | undefined;
  readonly seed?: number | undefined;
  readonly inputShape?: Shape | undefined;
  /** The ways to those that training shall not change. */
  readonly frozen?: readonly LayerPath[] | undefined;
}

/** A model in the worker, and what is fixed about it. */
export interface ModelInfo {
  readonly id: Id;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly layerTable: readonly LayerSummary[];
  readonly summary: string;
}

/** A training. Its callbacks become messages: `onBatch` and `onEpoch` say which to send. */
interface Training<Types extends ArgumentTypes> extends Omit<
  TrainOptions,
  'schedule' | 'metrics' | 'validationData' | 'onBatch' | 'onEpoch' | 'signal'
> {
  readonly dataset: Samples<Types['data']> | Types['dataset'];
  readonly schedule?: Types['schedule'] | undefined;
  readonly metrics?: readonly Types['metric'][] | undefined;
  readonly validationData?: Samples<Types['data']> | Types['dataset'] | undefined;
  readonly onBatch: boolean;
  readonly reportEvery?: number | undefined;
  readonly onEpoch: boolean;
}

/** A call about a model or tensor in the worker, its argument and its result. */
interface Call<Target, Argument, Result> {
  readonly target: Target;
  readonly argument: Argument;
  readonly result: Result;
}

/** Every call that a worker answers. Files are read and written on the other side. */
export interface Calls<Types extends ArgumentTypes> {
  init: Call<undefined, InitOptions, RuntimeInfo>;
  tensor: Call<
    undefined,
    { readonly data: TensorData; readonly shape?: Shape | undefined },
    { readonly id: Id; readonly shape: Shape }
  >;
  toArray: Call<Tensor, object, Float32Array<ArrayBuffer>>;
  model: Call<undefined, ModelPlan<Types['part']>, ModelInfo>;
  readModel: Call<undefined, { readonly file: ModelFile }, ModelInfo>;
  /** `by` is what errors call it: "saveNpz". */
  snapshot: Call<Model, { readonly by: string; readonly withOptimizer: boolean }, ModelSnapshot>;
  loadArrays: Call<Model, { readonly arrays: ReadonlyMap<string, FileArray> }, void>;
  trainable: Call<Model, { readonly layer: number }, boolean>;
  setTrainable: Call<Model, { readonly layer: number; readonly trainable: boolean }, void>;
  train: Call<Model, Training<Types>, EpochResult[]>;
  trainBatch: Call<Model, Samples<Types['data']>, Evaluation>;
  evaluate: Call<
    Model,
    Samples<Types['data']> & {
      readonly batchSize?: number | undefined;
      readonly metrics?: readonly Types['metric'][] | undefined;
    },
    Evaluation
  >;
  predict: Call<
    Model,
    { readonly x: Types['data']; readonly batchSize?: number | undefined },
    FileArray
  >;
  /** The output of every layer for a batch. */
  outputs: Call<Model, { readonly x: Types['data'] }, FileArray[]>;
  profile: Call<
    Model,
    Samples<Types['data']> & { readonly repeats?: number | undefined },
    LayerProfile[]
  >;
  layerConfigs: Call<Model, object, LayerConfig[]>;
  params: Call<
    Model,
    { readonly layer: number; readonly part: 'value' | 'gradient' },
    Record<string, FileArray>
  >;
  state: Call<Model, { readonly layer: number }, Record<string, FileArray>>;
}

/** Name of a call. */
export type CallName = keyof Calls<WireTypes>;

/** The result of a call. */
export type Result<Name extends CallName> = Calls<WireTypes>[Name]['result'];

/** An error as data. */
export interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  /** Of a FormatError. */
  readonly entry?: string | undefined;
  readonly cause?: PackedError | undefined;
}

/** The progress that a client's `onBatch` gets. */
export interface RemoteBatchProgress extends BatchProgress {
  /** The steps since the last report, which had none of their own, oldest first. */
  readonly skipped: readonly BatchProgress[];
}

/** A question of the worker, while it answers a call, and its reply. */
interface Question<Value, Reply> {
  readonly value: Value;
  readonly reply: Reply;
}

/** Every question of a worker. */
export interface Questions {
  /** Asks for the bytes of an engine: the package's worker, whose script is in one piece, loads nothing. */
  engine: Question<Variant, Uint8Array<ArrayBuffer>>;
  /** Asks for samples of the data set that is one of a training's arguments, so many numbers. */
  gather: Question<
    {
      readonly from: 'dataset' | 'validationData';
      readonly indices: Uint32Array;
      readonly x: number;
      readonly y: number;
    },
    Samples<Float32Array>
  >;
  /** The training goes on when these are replied to. */
  onBatch: Question<RemoteBatchProgress, void>;
  onEpoch: Question<EpochResult, void>;
}

/** The message that asks a question. */
export type Asked = {
  readonly [Name in keyof Questions]: {
    readonly kind: Name;
    readonly call: number;
    readonly question: number;
    readonly value: Questions[Name]['value'];
  };
}[keyof Questions];

/** The page's first message to the package's worker, which answers it with any. */
export const greeting = 'hello';

/** A message to the worker. */
export type ToWorker =
  | {
      readonly kind: 'call';
      readonly call: number;
      readonly name: CallName;
      readonly argument: object;
      /** The model or tensor that the call is about, if any. */
      readonly target: Id | undefined;
    }
  /** Stops a training. */
  | { readonly kind: 'abort'; readonly call: number }
  | {
      readonly kind: 'reply';
      readonly call: number;
      readonly question: number;
      readonly value?: unknown;
      /** Whether there is an error, which stays where it is, in the place of a value. */
      readonly failed: boolean;
    }
  /** Frees a model or tensor. */
  | { readonly kind: 'free'; readonly id: Id };

/** A message of the worker. */
export type FromWorker =
  | { readonly kind: 'result'; readonly call: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly call: number; readonly value: PackedError }
  /** The name of a lock that the worker holds as long as it lives. */
  | { readonly kind: 'alive'; readonly call: number; readonly value: string }
  | Asked;
