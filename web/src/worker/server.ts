import {
  Accuracy,
  F1Score,
  FormatError,
  LamellaError,
  type LayerConfig,
  layerFromConfig,
  loadCheckpoint,
  loadNpz,
  loadSafetensors,
  lossFromConfig,
  MAE,
  type Metric,
  Model,
  optimizerFromConfig,
  Precision,
  R2Score,
  Recall,
  RMSE,
  saveCheckpoint,
  saveNpz,
  saveSafetensors,
  scheduleFromConfig,
  StateError,
  Tensor,
  tensor,
  type TensorData,
  TopKAccuracy,
  ValueError,
} from '../index.js';
import { factoriesOf, type Factory, factoryOf } from '../factory.js';
import { fileArray } from '../io/file-array.js';
import { mapValues } from '../map-values.js';
import type { InitOptions, RuntimeInfo } from '../runtime/choose.js';
import { now } from '../runtime/clock.js';
import type { Send } from '../runtime/workers.js';
import { packError } from './packed-error.js';
import {
  buffersIn,
  type CallName,
  type Calls,
  type FromWorker,
  type Id,
  type ModelInfo,
  type ModelPlan,
  type Result,
  type SentData,
  type ToWorker,
  type WireTypes,
} from './protocol.js';

type Post = <Kind extends FromWorker['kind']>(
  kind: Kind,
  value: (FromWorker & { kind: Kind })['value'],
) => void;

/** The means a handler has beside its argument. */
interface Context {
  readonly signal: AbortSignal;
  readonly post: Post;
  /** Resolves when the other side says so. */
  readonly continued: () => Promise<void>;
}

/** Throws in a task of its own: only that is an error event for the page. */
function throwInTask(error: unknown): void {
  setTimeout(() => {
    throw error;
  });
}

/** Shortest time in milliseconds between progress messages: one frame of a 60 Hz display. */
const frame = 1000 / 60;

const metrics = new Map<string, Factory<Metric>>(
  Object.entries({
    ...factoriesOf<Metric>({ Accuracy, F1Score, MAE, Precision, R2Score, Recall, RMSE }),
    TopKAccuracy: factoryOf(TopKAccuracy, 'k'),
  }),
);

function metricFromConfig(config: LayerConfig): Metric {
  const create = metrics.get(config.type);
  if (create) return create(config);
  throw new ValueError(
    `metric '${config.type}' is not known; known are: ${[...metrics.keys()].join(', ')}`,
  );
}

/** A part by its description, which is no file here: the constructor's own error is the one. */
function make<Part>(fromConfig: (config: LayerConfig) => Part, config: LayerConfig): Part {
  try {
    return fromConfig(config);
  } catch (error) {
    if (error instanceof FormatError) {
      throw error.cause instanceof LamellaError ? error.cause : new ValueError(error.message);
    }
    throw error;
  }
}

function createModel({ layers, loss, optimizer, ...options }: ModelPlan<LayerConfig>): Model {
  const made: { dispose(): void }[] = [];
  const keep = <Part extends { dispose(): void }>(part: Part): Part => {
    made.push(part);
    return part;
  };
  try {
    return new Model(
      layers.map((config) => keep(layerFromConfig(config))),
      {
        loss: loss && keep(make(lossFromConfig, loss)),
        optimizer: optimizer && keep(make(optimizerFromConfig, optimizer)),
        ...options,
      },
    );
  } catch (error) {
    for (const part of made) part.dispose();
    throw error;
  }
}

/** Models and tensors by number. */
class Objects {
  readonly #all = new Map<Id, Model | Tensor>();
  #last = 0;

  add(object: Model | Tensor): Id {
    this.#all.set(++this.#last, object);
    return this.#last;
  }

  get(id: Id): Model | Tensor {
    const object = this.#all.get(id);
    if (object) return object;
    throw new StateError(`object ${id}: used after dispose()`);
  }

  free(id: Id): void {
    this.#all.get(id)?.dispose();
    this.#all.delete(id);
  }
}

function infoOf(id: Id, model: Model): ModelInfo {
  return {
    id,
    inputShape: model.inputShape,
    outputShape: model.outputShape,
    layerTable: model.layerTable(),
    summary: model.summary(),
  };
}

type Init = (options: InitOptions) => Promise<RuntimeInfo>;

type Handlers = {
  readonly [Name in CallName]: (
    target: Calls<WireTypes>[Name]['target'],
    argument: Calls<WireTypes>[Name]['argument'],
    context: Context,
  ) => Result<Name> | Promise<Result<Name>>;
};

function createHandlers(objects: Objects, init: Init): Handlers {
  const addModel = (model: Model): ModelInfo => infoOf(objects.add(model), model);
  const data = (sent: SentData): Tensor | TensorData =>
    'tensor' in sent ? (objects.get(sent.tensor) as Tensor) : sent;
  const samples = ({ x, y }: { x: SentData; y: SentData }) => ({ x: data(x), y: data(y) });
  return {
    init: (_, options) => init(options),
    tensor: (_, { data, shape }) => {
      const made = tensor(data, shape);
      return { id: objects.add(made), shape: made.shape };
    },
    toArray: (tensor) => tensor.toArray(),
    model: (_, plan) => addModel(createModel(plan)),
    loadNpz: async (_, { bytes }) => addModel(await loadNpz(bytes)),
    loadCheckpoint: async (_, { bytes }) => addModel(await loadCheckpoint(bytes)),
    saveNpz,
    saveCheckpoint,
    saveSafetensors,
    loadSafetensors: (model, { bytes }) => loadSafetensors(model, bytes),
    train: (model, argument, { signal, post, continued }) => {
      const { x, y, schedule, metrics, validationData, onBatch, onEpoch, ...options } = argument;
      let last = -Infinity;
      return model.train(data(x), data(y), {
        ...options,
        schedule: schedule && scheduleFromConfig(schedule),
        metrics: metrics?.map(metricFromConfig),
        validationData: validationData && samples(validationData),
        signal,
        onBatch: onBatch
          ? (value) => {
              const time = now();
              if (time - last < frame) return;
              last = time;
              post('onBatch', value);
            }
          : undefined,
        onEpoch: onEpoch
          ? (value) => {
              post('onEpoch', value);
              return continued();
            }
          : undefined,
      });
    },
    // Model checks that these are tensors.
    trainBatch: (model, { x, y }) => model.trainBatch(data(x) as Tensor, data(y) as Tensor),
    evaluate: (model, { x, y, metrics, ...options }) =>
      model.evaluate(data(x), data(y), { ...options, metrics: metrics?.map(metricFromConfig) }),
    predict: (model, { x, ...options }) => {
      const predicted = model.predict(data(x), options);
      try {
        return fileArray(predicted);
      } finally {
        predicted.dispose();
      }
    },
    profile: (model, { x, y, ...options }) =>
      model.profile(data(x) as Tensor, data(y) as Tensor, options),
    params: ({ layers }, { layer: place }) => {
      const layer = layers[place];
      if (layer === undefined) {
        throw new ValueError(
          `Model.params: layer must be from 0 to ${layers.length - 1}, got ${place}`,
        );
      }
      return mapValues(layer.params, ({ value }) => fileArray(value));
    },
  };
}

/** A call being answered, and what the other side may tell it. */
interface Running {
  abort(): void;
  continue?(): void;
}

/**
 * The worker's side of the protocol.
 * @param init - Loads the engine, from where the worker gets it.
 * @returns What takes the messages of the other side.
 */
export function createServer(send: Send, init: Init): (message: unknown) => void {
  const objects = new Objects();
  const handlers = createHandlers(objects, init);
  const running = new Map<number, Running>();

  const answer = async ({
    call,
    name,
    argument,
    target,
  }: ToWorker & { kind: 'call' }): Promise<void> => {
    const controller = new AbortController();
    const own: Running = { abort: () => controller.abort() };
    running.set(call, own);
    const post: Post = (kind, value) => send({ kind, call, value }, buffersIn(value));
    try {
      const handler = handlers[name] as (
        target: Model | Tensor | undefined,
        argument: unknown,
        context: Context,
      ) => unknown;
      const object = target === undefined ? undefined : objects.get(target);
      const context: Context = {
        signal: controller.signal,
        post,
        continued: () => new Promise((resolve) => (own.continue = resolve)),
      };
      post('result', await handler(object, argument, context));
    } catch (error) {
      post('error', packError(error));
    } finally {
      running.delete(call);
    }
  };

  const act = (message: ToWorker): Promise<void> | undefined => {
    if (message.kind === 'call') {
      const answered = answer(message);
      // Also where the code that reads files comes first: who asks next asks for the new weights.
      if (message.name === 'loadSafetensors') return answered;
    } else if (message.kind === 'free') objects.free(message.id);
    else running.get(message.call)?.[message.kind]?.();
    return undefined;
  };
  let turn: Promise<void> = Promise.resolve();
  return (received) => {
    turn = turn.then(() => act(received as ToWorker)).catch(throwInTask);
  };
}
