import type { FileArray } from '../io/arrays.js';
import type { Config, LayerConfig } from '../layers/layer.js';
import type { Evaluation, LayerSummary, Model } from '../model.js';
import type { LayerProfile } from '../profile.js';
import type { InitOptions, RuntimeInfo } from '../runtime/choose.js';
import type { Shape, Tensor, TensorData } from '../tensor.js';
import type { BatchProgress, EpochResult, TrainOptions } from '../training.js';
import type { PackedError } from './packed-error.js';

/** Number of a model or tensor that the worker keeps. */
export type Id = number;

/** Numbers, or a tensor that the worker has already. */
export type SentData = TensorData | { readonly tensor: Id };

/** Options of a training that are data. What calls back becomes messages. */
export interface SentTrainOptions extends Omit<
  TrainOptions,
  'schedule' | 'metrics' | 'validationData' | 'onBatch' | 'onEpoch' | 'signal'
> {
  readonly schedule?: Config | undefined;
  readonly metrics?: readonly LayerConfig[] | undefined;
  readonly validationData?: SentSamples | undefined;
}

/** Samples and their expected outputs. */
export interface SentSamples {
  readonly x: SentData;
  readonly y: SentData;
}

/** A model to make. */
export interface SentModel {
  readonly layers: readonly LayerConfig[];
  readonly loss?: LayerConfig | undefined;
  readonly optimizer?: LayerConfig | undefined;
  readonly seed?: number | undefined;
  readonly inputShape?: Shape | undefined;
}

/** A model in the worker, and what is fixed about it. */
export interface ModelInfo {
  readonly id: Id;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly layerTable: readonly LayerSummary[];
  readonly summary: string;
}

/** A call: what in the worker it is about, its argument and its result. */
interface Call<Target, Argument, Result> {
  readonly target: Target;
  readonly argument: Argument;
  readonly result: Result;
}

/** Every call that a worker answers. */
export interface Calls {
  init: Call<undefined, InitOptions, RuntimeInfo>;
  tensor: Call<
    undefined,
    { readonly data: TensorData; readonly shape?: Shape | undefined },
    { readonly id: Id; readonly shape: Shape }
  >;
  toArray: Call<Tensor, undefined, Float32Array<ArrayBuffer>>;
  model: Call<undefined, SentModel, ModelInfo>;
  loadNpz: Call<undefined, Uint8Array, ModelInfo>;
  loadCheckpoint: Call<undefined, Uint8Array, ModelInfo>;
  saveNpz: Call<Model, undefined, Uint8Array<ArrayBuffer>>;
  saveCheckpoint: Call<Model, undefined, Uint8Array<ArrayBuffer>>;
  saveSafetensors: Call<Model, undefined, Uint8Array<ArrayBuffer>>;
  loadSafetensors: Call<Model, Uint8Array, void>;
  train: Call<
    Model,
    SentSamples & {
      readonly options: SentTrainOptions;
      /** Which events to send. */
      readonly onBatch: boolean;
      readonly onEpoch: boolean;
    },
    EpochResult[]
  >;
  trainBatch: Call<Model, SentSamples, Evaluation>;
  evaluate: Call<
    Model,
    SentSamples & {
      readonly batchSize: number | undefined;
      readonly metrics: readonly LayerConfig[] | undefined;
    },
    Evaluation
  >;
  predict: Call<Model, { readonly x: SentData; readonly batchSize: number | undefined }, FileArray>;
  profile: Call<Model, SentSamples & { readonly repeats: number | undefined }, LayerProfile[]>;
  params: Call<Model, number, Record<string, FileArray>>;
}

/** Name of a call. */
export type CallName = keyof Calls;

/** What is sent to a worker. */
export type ToWorker =
  | {
      readonly kind: 'call';
      readonly call: number;
      readonly name: CallName;
      readonly argument: unknown;
      /** What the call is about, if it is about a model or tensor. */
      readonly target: Id | undefined;
    }
  /** Stops a training. */
  | { readonly kind: 'abort'; readonly call: number }
  /** `onEpoch` has returned: the training goes on. */
  | { readonly kind: 'continue'; readonly call: number }
  /** Frees a model or tensor. */
  | { readonly kind: 'free'; readonly id: Id };

/** What a worker sends. */
export type FromWorker =
  | { readonly kind: 'result'; readonly call: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly call: number; readonly value: PackedError }
  | { readonly kind: 'batch'; readonly call: number; readonly value: BatchProgress }
  | { readonly kind: 'epoch'; readonly call: number; readonly value: EpochResult };

/**
 * The memory of every typed array in a message, each once: it is transferred, not copied. Typed
 * arrays stand in objects, never in lists, which are nested numbers.
 */
export function buffersIn(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    found.add(value.buffer as ArrayBuffer);
  } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const inner of Object.values(value)) buffersIn(inner, found);
  }
  return [...found];
}
