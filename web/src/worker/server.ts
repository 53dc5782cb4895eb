import {
  ArgumentTypeError,
  type Layer,
  type LayerConfig,
  layerFromConfig,
  Model,
  scheduleFromConfig,
  StateError,
  Tensor,
  tensor,
  type TensorData,
  ValueError,
} from '../index.js';
import { fileArray } from '../io/file-array.js';
import { loadArrays, readModel } from '../io/read-model.js';
import { takeSnapshot } from '../io/snapshot.js';
import { withTensors } from '../layers/built-in-layer.js';
import { losses } from '../losses.js';
import { mapValues } from '../map-values.js';
import { metrics as allMetrics } from '../metrics.js';
import { optimizers } from '../optimizers.js';
import type { InitOptions, RuntimeInfo } from '../runtime/choose.js';
import { describe } from '../runtime/errors.js';
import type { Variant } from '../runtime/variants.js';
import type { Send } from '../runtime/workers.js';
import { buffersIn } from './buffers.js';
import { packError } from './pack-error.js';
import type {
  CallName,
  Calls,
  FromWorker,
  Id,
  LayerPath,
  ModelInfo,
  ModelPlan,
  Result,
  SentData,
  ToWorker,
  WireTypes,
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
  /** Asks the other side for the bytes of an engine. */
  readonly engine: (variant: Variant) => Promise<Uint8Array<ArrayBuffer>>;
}

/** Loads the engine, by itself or from the bytes that the other side gives. */
type Init = (options: InitOptions, engine: Context['engine']) => Promise<RuntimeInfo>;

/** Shortest time in milliseconds between progress messages: one frame of a 60 Hz display. */
const frame = 1000 / 60;

/** The layer at the end of a way, which the other side has made of descriptions as these layers are. */
function layerOn(path: LayerPath, layers: readonly Layer[]): Layer {
  return path.reduce<unknown>(
    (part, key) => (part as Record<string | number, unknown>)[key],
    layers,
  ) as Layer;
}

function createModel({
  layers,
  loss,
  optimizer,
  frozen = [],
  ...options
}: ModelPlan<LayerConfig>): Model {
  const made: { dispose(): void }[] = [];
  const keep = <Part extends { dispose(): void }>(part: Part): Part => {
    made.push(part);
    return part;
  };
  try {
    const chain = layers.map((config) => keep(layerFromConfig(config)));
    for (const path of frozen) layerOn(path, chain).trainable = false;
    return new Model(chain, {
      loss: loss && keep(losses.create(loss)),
      optimizer: optimizer && keep(optimizers.create(optimizer)),
      ...options,
    });
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

/** A layer of a model. */
function layerAt(call: string, { layers }: Model, place: number): Layer {
  const layer = Number.isInteger(place) ? layers[place] : undefined;
  if (layer !== undefined) return layer;
  throw new ValueError(
    `RemoteModel.${call}: layer must be from 0 to ${layers.length - 1}, got ${describe(place)}`,
  );
}

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
    init: (_, options, { engine }) => init(options, engine),
    tensor: (_, { data, shape }) => {
      const made = tensor(data, shape);
      return { id: objects.add(made), shape: made.shape };
    },
    toArray: (tensor) => tensor.toArray(),
    model: (_, plan) => addModel(createModel(plan)),
    readModel: (_, { file }) => addModel(readModel(file)),
    snapshot: (model, { by, withOptimizer }) => takeSnapshot(by, model, { withOptimizer }),
    loadArrays: (model, { arrays }) => loadArrays(model, arrays),
    train: (model, argument, { signal, post, continued }) => {
      const { x, y, schedule, metrics, validationData, onBatch, onEpoch, ...options } = argument;
      let last = -Infinity;
      return model.train(data(x), data(y), {
        ...options,
        schedule: schedule && scheduleFromConfig(schedule),
        metrics: metrics?.map((config) => allMetrics.create(config)),
        validationData: validationData && samples(validationData),
        signal,
        onBatch: onBatch
          ? (value) => {
              const now = performance.now();
              if (now - last < frame) return;
              last = now;
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
      model.evaluate(data(x), data(y), {
        ...options,
        metrics: metrics?.map((config) => allMetrics.create(config)),
      }),
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
    params: (model, { layer }) =>
      withTensors(layerAt('params', model, layer), (params) =>
        mapValues(params, ({ value }) => fileArray(value)),
      ),
    state: (model, { layer }) =>
      withTensors(layerAt('state', model, layer), (_, state) => mapValues(state, fileArray)),
    trainable: (model, { layer }) => layerAt('trainable', model, layer).trainable,
    setTrainable: (model, { layer, trainable }) => {
      const own = layerAt('setTrainable', model, layer);
      if (typeof (trainable as unknown) !== 'boolean') {
        throw new ArgumentTypeError(
          `RemoteModel.setTrainable: trainable must be true or false, got ${describe(trainable)}`,
        );
      }
      own.trainable = trainable;
    },
  };
}

/** A call being answered, and what the other side may tell it. */
interface Running {
  abort(): void;
  continue?(): void;
  engine?(value: Uint8Array<ArrayBuffer> | string): void;
}

/**
 * Holds a lock as long as the worker lives, and tells the other side its name: browsers tell nobody
 * when a page terminates a worker, but its locks are released (Web Locks, section 4.7).
 */
function holdLock(send: Send): void {
  const { locks } = navigator;
  const name = crypto.randomUUID();
  void locks.request(name, () => {
    send({ kind: 'alive', call: 0, value: name } satisfies FromWorker);
    return new Promise(() => undefined);
  });
}

/**
 * The worker's side of the protocol.
 * @param init - Loads the engine, from where the worker gets it.
 * @returns What takes the messages of the other side.
 */
export function createServer(send: Send, init: Init): (message: unknown) => void {
  // Absent in Node, which tells of a worker's end, and on pages that are not secure.
  if ('WorkerGlobalScope' in globalThis && 'locks' in navigator) holdLock(send);
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
        engine: async (variant) => {
          post('engine', variant);
          const value = await new Promise<Uint8Array<ArrayBuffer> | string>((resolve) => {
            own.engine = resolve;
          });
          if (typeof value !== 'string') return value;
          throw new Error(`init: the page could not load the engine: ${value}`);
        },
      };
      post('result', await handler(object, argument, context));
    } catch (error) {
      post('error', packError(error));
    } finally {
      running.delete(call);
    }
  };

  return (received) => {
    const message = Object(received) as ToWorker;
    if (message.kind === 'call') void answer(message);
    else if (message.kind === 'free') objects.free(message.id);
    else if (message.kind === 'engine') running.get(message.call)?.engine?.(message.value);
    else running.get(message.call)?.[message.kind]?.();
  };
}
