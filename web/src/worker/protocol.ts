import type { FileArray } from '../io/arrays.js';
import type { Config, LayerConfig } from '../layers/layer.js';
import type { Evaluation, LayerSummary } from '../model.js';
import type { LayerProfile } from '../profile.js';
import type { InitOptions, RuntimeInfo } from '../runtime/choose.js';
import type { Shape, TensorData } from '../tensor.js';
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
  readonly validationData?: { readonly x: SentData; readonly y: SentData } | undefined;
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

/** Every call that a worker answers: its argument and its result. */
export interface Calls {
  init: { argument: InitOptions; result: RuntimeInfo };
  createTensor: {
    argument: { readonly data: TensorData; readonly shape?: Shape | undefined };
    result: { readonly id: Id; readonly shape: Shape };
  };
  readTensor: { argument: { readonly tensor: Id }; result: Float32Array<ArrayBuffer> };
  createModel: { argument: SentModel; result: ModelInfo };
  loadModel: {
    argument: { readonly format: 'npz' | 'checkpoint'; readonly bytes: Uint8Array };
    result: ModelInfo;
  };
  saveModel: {
    argument: { readonly model: Id; readonly format: 'npz' | 'checkpoint' | 'safetensors' };
    result: Uint8Array<ArrayBuffer>;
  };
  loadSafetensors: {
    argument: { readonly model: Id; readonly bytes: Uint8Array };
    result: undefined;
  };
  train: {
    argument: {
      readonly model: Id;
      readonly x: SentData;
      readonly y: SentData;
      readonly options: SentTrainOptions;
      /** Which events to send. */
      readonly onBatch: boolean;
      readonly onEpoch: boolean;
    };
    result: EpochResult[];
  };
  trainBatch: {
    argument: { readonly model: Id; readonly x: SentData; readonly y: SentData };
    result: Evaluation;
  };
  evaluate: {
    argument: {
      readonly model: Id;
      readonly x: SentData;
      readonly y: SentData;
      readonly batchSize?: number | undefined;
      readonly metrics?: readonly LayerConfig[] | undefined;
    };
    result: Evaluation;
  };
  predict: {
    argument: {
      readonly model: Id;
      readonly x: SentData;
      readonly batchSize?: number | undefined;
    };
    result: FileArray;
  };
  profile: {
    argument: {
      readonly model: Id;
      readonly x: SentData;
      readonly y: SentData;
      readonly repeats?: number | undefined;
    };
    result: LayerProfile[];
  };
  params: {
    argument: { readonly model: Id; readonly layer: number };
    result: Record<string, FileArray>;
  };
}

/** Name of a call. */
export type CallName = keyof Calls;

/** What is sent to a worker. */
export type ToWorker =
  | {
      [Name in CallName]: {
        readonly kind: 'call';
        readonly call: number;
        readonly name: Name;
        readonly argument: Calls[Name]['argument'];
      };
    }[CallName]
  /** Stops a training. */
  | { readonly kind: 'abort'; readonly call: number }
  /** `onEpoch` has returned: the training goes on. */
  | { readonly kind: 'continue'; readonly call: number }
  /** Frees a model or tensor. */
  | { readonly kind: 'free'; readonly id: Id };

/** What a worker sends. */
export type FromWorker =
  | { readonly kind: 'result'; readonly call: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly call: number; readonly error: PackedError }
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
