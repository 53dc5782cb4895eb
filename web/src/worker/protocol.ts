import type { FileArray } from '../io/file-array.js';
import type { LayerConfig } from '../layers/layer.js';
import type { LayerSummary, Model } from '../model.js';
import type { LayerProfile } from '../profile.js';
import type { InitOptions, RuntimeInfo } from '../runtime/choose.js';
import type { Shape, Tensor, TensorData } from '../tensor.js';
import type { BatchProgress, EpochResult, Evaluation, TrainOptions } from '../training.js';
import type { PackedError } from './packed-error.js';

/** Number of a model or tensor that the worker keeps. */
export type Id = number;

/** Numbers, or a tensor that the worker has already. */
export type SentData = TensorData | { readonly tensor: Id };

/** The types in arguments that a client's caller gives otherwise than they are sent. */
export interface ArgumentTypes {
  data: unknown;
  /** Of a layer, a loss or an optimizer. */
  part: unknown;
  schedule: unknown;
  metric: unknown;
}

/** Those types as they are sent. */
export interface WireTypes extends ArgumentTypes {
  data: SentData;
  part: LayerConfig;
  schedule: LayerConfig;
  metric: LayerConfig;
}

/** Samples and their expected outputs. */
interface Samples<Data> {
  readonly x: Data;
  readonly y: Data;
}

/** A model to make. */
export interface ModelPlan<Part> {
  readonly layers: readonly Part[];
  readonly loss?: Part | undefined;
  readonly optimizer?: Part | undefined;
  readonly seed?: number | undefined;
  readonly inputShape?: Shape | undefined;
  /** Places of frozen layers among the layers, each before those inside it. */
  readonly frozen?: readonly number[] | undefined;
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
interface Training<Types extends ArgumentTypes>
  extends
    Samples<Types['data']>,
    Omit<
      TrainOptions,
      'schedule' | 'metrics' | 'validationData' | 'onBatch' | 'onEpoch' | 'signal'
    > {
  readonly schedule?: Types['schedule'] | undefined;
  readonly metrics?: readonly Types['metric'][] | undefined;
  readonly validationData?: Samples<Types['data']> | undefined;
  readonly onBatch: boolean;
  readonly onEpoch: boolean;
}

/** A call about a model or tensor in the worker, its argument and its result. */
interface Call<Target, Argument, Result> {
  readonly target: Target;
  readonly argument: Argument;
  readonly result: Result;
}

/** A file. */
interface File {
  readonly bytes: Uint8Array;
}

/** Every call that a worker answers. */
export interface Calls<Types extends ArgumentTypes> {
  init: Call<undefined, InitOptions, RuntimeInfo>;
  tensor: Call<
    undefined,
    { readonly data: TensorData; readonly shape?: Shape | undefined },
    { readonly id: Id; readonly shape: Shape }
  >;
  toArray: Call<Tensor, object, Float32Array<ArrayBuffer>>;
  model: Call<undefined, ModelPlan<Types['part']>, ModelInfo>;
  loadNpz: Call<undefined, File, ModelInfo>;
  loadCheckpoint: Call<undefined, File, ModelInfo>;
  loadLayersModel: Call<
    undefined,
    { readonly json: string; readonly shards: readonly Uint8Array[] },
    ModelInfo
  >;
  loadKeras: Call<undefined, File & { readonly json: string }, ModelInfo>;
  saveNpz: Call<Model, object, Uint8Array<ArrayBuffer>>;
  saveCheckpoint: Call<Model, object, Uint8Array<ArrayBuffer>>;
  saveSafetensors: Call<Model, object, Uint8Array<ArrayBuffer>>;
  exportOnnx: Call<Model, object, Uint8Array<ArrayBuffer>>;
  loadSafetensors: Call<Model, File, void>;
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
  profile: Call<
    Model,
    Samples<Types['data']> & { readonly repeats?: number | undefined },
    LayerProfile[]
  >;
  params: Call<Model, { readonly layer: number }, Record<string, FileArray>>;
  state: Call<Model, { readonly layer: number }, Record<string, FileArray>>;
}

/** Name of a call. */
export type CallName = keyof Calls<WireTypes>;

/** The result of a call. */
export type Result<Name extends CallName> = Calls<WireTypes>[Name]['result'];

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
  /** `onEpoch` has returned: the training goes on. */
  | { readonly kind: 'continue'; readonly call: number }
  /** Frees a model or tensor. */
  | { readonly kind: 'free'; readonly id: Id };

/** A message of the worker. */
export type FromWorker =
  | { readonly kind: 'result'; readonly call: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly call: number; readonly value: PackedError }
  /** The name of a lock that the worker holds as long as it lives. */
  | { readonly kind: 'alive'; readonly call: number; readonly value: string }
  | { readonly kind: 'onBatch'; readonly call: number; readonly value: BatchProgress }
  | { readonly kind: 'onEpoch'; readonly call: number; readonly value: EpochResult };

/**
 * The memory of every typed array in a message, each once: it is transferred, not copied. Typed
 * arrays stand in objects, or in lists that begin with one; other lists are nested numbers.
 */
export function buffersIn(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    found.add(value.buffer as ArrayBuffer);
  } else if (typeof value === 'object' && value !== null) {
    if (Array.isArray(value) && !ArrayBuffer.isView(value[0])) return [...found];
    for (const inner of Object.values(value)) buffersIn(inner, found);
  }
  return [...found];
}
