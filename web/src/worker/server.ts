import {
  Accuracy,
  F1Score,
  FormatError,
  init,
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
import { fileArray } from '../io/arrays.js';
import { packError } from './packed-error.js';
import { throwInTask } from './ports.js';
import {
  buffersIn,
  type CallName,
  type Calls,
  type FromWorker,
  type Id,
  type ModelInfo,
  type SentData,
  type SentModel,
  type ToWorker,
} from './protocol.js';

/** What a call may use beside its argument. */
interface Context {
  readonly signal: AbortSignal;
  post(message: FromWorker): void;
  /** Resolves when the other side says so. */
  continued(): Promise<void>;
}

/** Shortest time in milliseconds between progress messages: one frame of a 60 Hz display. */
const frame = 1000 / 60;

const metrics: Record<string, (config: LayerConfig) => Metric> = {
  Accuracy: () => new Accuracy(),
  Precision: () => new Precision(),
  Recall: () => new Recall(),
  F1Score: () => new F1Score(),
  RMSE: () => new RMSE(),
  MAE: () => new MAE(),
  R2Score: () => new R2Score(),
  TopKAccuracy: ({ k }) => new TopKAccuracy(k as number | undefined),
};

function metricFromConfig(config: LayerConfig): Metric {
  const create = Object.hasOwn(metrics, config.type) ? metrics[config.type] : undefined;
  if (create) return create(config);
  throw new ValueError(
    `metric '${config.type}' is not known; known are: ${Object.keys(metrics).join(', ')}`,
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

function createModel({ layers, loss, optimizer, seed, inputShape }: SentModel): Model {
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
        seed,
        inputShape,
      },
    );
  } catch (error) {
    for (const part of made) part.dispose();
    throw error;
  }
}

const savers = { npz: saveNpz, checkpoint: saveCheckpoint, safetensors: saveSafetensors };
const loaders = { npz: loadNpz, checkpoint: loadCheckpoint };

/** Models and tensors by number. */
class Objects {
  readonly #all = new Map<Id, Model | Tensor>();
  #last = 0;

  add(object: Model | Tensor): Id {
    this.#all.set(++this.#last, object);
    return this.#last;
  }

  model(id: Id): Model {
    return this.#get('Model', id, Model);
  }

  /** Numbers, or the tensor that they stand for. */
  data(sent: SentData): Tensor | TensorData {
    return 'tensor' in sent ? this.#get('Tensor', sent.tensor, Tensor) : sent;
  }

  free(id: Id): void {
    this.#all.get(id)?.dispose();
    this.#all.delete(id);
  }

  #get<Kind extends Model | Tensor>(
    name: string,
    id: Id,
    Class: new (...values: never[]) => Kind,
  ): Kind {
    const object = this.#all.get(id);
    if (object instanceof Class) return object;
    throw new StateError(`${name} ${id}: used after dispose()`);
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

type Handlers = {
  readonly [Name in CallName]: (
    argument: Calls[Name]['argument'],
    context: Context,
    call: number,
  ) => Calls[Name]['result'] | Promise<Calls[Name]['result']>;
};

function createHandlers(objects: Objects): Handlers {
  const addModel = (model: Model): ModelInfo => infoOf(objects.add(model), model);
  return {
    init: (options) => init(options),
    createTensor: ({ data, shape }) => {
      const made = tensor(data, shape);
      return { id: objects.add(made), shape: made.shape };
    },
    readTensor: (sent) => (objects.data(sent) as Tensor).toArray(),
    createModel: (plan) => addModel(createModel(plan)),
    loadModel: async ({ format, bytes }) => addModel(await loaders[format](bytes)),
    saveModel: ({ model, format }) => savers[format](objects.model(model)),
    loadSafetensors: async ({ model, bytes }) => {
      await loadSafetensors(objects.model(model), bytes);
      return undefined;
    },
    train: ({ model, x, y, options, onBatch, onEpoch }, context, call) => {
      const { schedule, metrics: wanted, validationData, ...others } = options;
      let last = -Infinity;
      return objects.model(model).train(objects.data(x), objects.data(y), {
        ...others,
        signal: context.signal,
        schedule: schedule && scheduleFromConfig(schedule),
        metrics: wanted?.map(metricFromConfig),
        validationData: validationData && {
          x: objects.data(validationData.x),
          y: objects.data(validationData.y),
        },
        onBatch: onBatch
          ? (value) => {
              const now = performance.now();
              if (now - last < frame) return;
              last = now;
              context.post({ kind: 'batch', call, value });
            }
          : undefined,
        onEpoch: onEpoch
          ? (value) => {
              context.post({ kind: 'epoch', call, value });
              return context.continued();
            }
          : undefined,
      });
    },
    // Model checks that these are tensors.
    trainBatch: ({ model, x, y }) =>
      objects.model(model).trainBatch(objects.data(x) as Tensor, objects.data(y) as Tensor),
    evaluate: ({ model, x, y, batchSize, metrics: wanted }) =>
      objects.model(model).evaluate(objects.data(x), objects.data(y), {
        batchSize,
        metrics: wanted?.map(metricFromConfig),
      }),
    predict: ({ model, x, batchSize }) => {
      const predicted = objects.model(model).predict(objects.data(x), { batchSize });
      try {
        return fileArray(predicted);
      } finally {
        predicted.dispose();
      }
    },
    profile: ({ model, x, y, repeats }) =>
      objects
        .model(model)
        .profile(objects.data(x) as Tensor, objects.data(y) as Tensor, { repeats }),
    params: ({ model, layer }) => {
      const { layers } = objects.model(model);
      const found = layers[layer];
      if (found === undefined) {
        throw new ValueError(
          `Model.params: layer must be from 0 to ${layers.length - 1}, got ${layer}`,
        );
      }
      return Object.fromEntries(
        Object.entries(found.params).map(([name, { value }]) => [name, fileArray(value)]),
      );
    },
  };
}

/** A call being answered. */
interface Running {
  readonly controller: AbortController;
  goOn?: () => void;
}

/**
 * The worker's side of the protocol.
 * @param send - Posts a message with the memory that it transfers.
 * @returns What takes the messages of the other side.
 */
export function createServer(
  send: (message: FromWorker, transfer: ArrayBuffer[]) => void,
): (message: unknown) => void {
  const objects = new Objects();
  const handlers = createHandlers(objects);
  const running = new Map<number, Running>();
  const post = (message: FromWorker): void => send(message, buffersIn(message));

  const answer = async ({ call, name, argument }: ToWorker & { kind: 'call' }): Promise<void> => {
    const own: Running = { controller: new AbortController() };
    running.set(call, own);
    try {
      const handler = handlers[name] as (
        argument: unknown,
        context: Context,
        call: number,
      ) => unknown;
      const context: Context = {
        signal: own.controller.signal,
        post,
        continued: () => new Promise((resolve) => (own.goOn = resolve)),
      };
      post({ kind: 'result', call, value: await handler(argument, context, call) });
    } catch (error) {
      post({ kind: 'error', call, error: packError(error) });
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
    else if (message.kind === 'abort') running.get(message.call)?.controller.abort();
    else running.get(message.call)?.goOn?.();
    return undefined;
  };
  let turn: Promise<void> = Promise.resolve();
  return (received) => {
    turn = turn.then(() => act(received as ToWorker)).catch(throwInTask);
  };
}
