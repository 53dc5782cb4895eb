import {
  ArrayDataset,
  type BatchProgress,
  type Dataset,
  type Layer,
  type LayerConfig,
  layerFromConfig,
  layerToConfig,
  Model,
  scheduleFromConfig,
  StateError,
  Tensor,
  tensor,
  type TensorData,
  ValueError,
} from '../index.js';
import { isDataset } from '../data/dataset.js';
import { takeData } from '../data/take.js';
import { type FileArray, fileArray } from '../io/file-array.js';
import { loadArrays, readModel } from '../io/read-model.js';
import { takeSnapshot } from '../io/snapshot.js';
import { withTensors } from '../layers/built-in-layer.js';
import { losses } from '../losses.js';
import { mapValues } from '../map-values.js';
import { metrics as allMetrics } from '../metrics.js';
import { optimizers } from '../optimizers.js';
import type { InitOptions, RuntimeInfo } from '../runtime/choose.js';
import { checkBoolean } from '../runtime/checks.js';
import { describe } from '../runtime/errors.js';
import type { EpochResult } from '../train-options.js';
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
  Questions,
  Result,
  Samples,
  SentData,
  SentDataset,
  ToWorker,
  WireTypes,
} from './protocol.js';

/** Asks the other side; rejects when that has failed to find a reply. */
type Ask = <Name extends keyof Questions>(
  kind: Name,
  value: Questions[Name]['value'],
) => Promise<Questions[Name]['reply']>;

/** The means a handler has beside its argument. */
interface Context {
  readonly signal: AbortSignal;
  readonly ask: Ask;
}

/** Loads the engine, by itself or from the bytes that the other side gives. */
type Init = (options: InitOptions, ask: Ask) => Promise<RuntimeInfo>;

/** Shortest time in milliseconds between reports of batches: one frame of a 60 Hz display. */
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

/** The data set that the other side gathers. */
function askedDataset(
  from: Questions['gather']['value']['from'],
  length: number,
  ask: Ask,
): Dataset {
  return {
    length,
    async gather(indices, x, y) {
      const batch = await ask('gather', { from, indices, x: x.length, y: y.length });
      x.set(batch.x);
      y.set(batch.y);
    },
  };
}

/** Reports batches to the other side, which lets the training go on: some of them, with those between. */
function batchReporter(
  ask: Ask,
  every = Infinity,
): (progress: BatchProgress) => Promise<void> | undefined {
  let last = -Infinity;
  let skipped: BatchProgress[] = [];
  return (progress) => {
    const { batch, batches } = progress;
    if (batch < batches && batch % every !== 0 && performance.now() - last < frame) {
      skipped.push(progress);
      return undefined;
    }
    const report = { ...progress, skipped };
    skipped = [];
    // From the reply on: a slow listener would be told of every step, and the training would crawl.
    return ask('onBatch', report).then(() => {
      last = performance.now();
    });
  };
}

/** The output of each layer, in inference mode. */
function outputsOf({ layers, inputShape }: Model, given: Tensor): FileArray[] {
  const x = takeData('RemoteModel.outputs: x', given, inputShape, []);
  let input = x;
  try {
    return layers.map((layer) => {
      const output = layer.forward(input, false);
      // A layer of one's own may give back what it is given.
      if (input !== x && input !== output) input.dispose();
      input = output;
      return fileArray(output);
    });
  } finally {
    if (input !== x) input.dispose();
  }
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
  const samples = ({ x, y }: Samples<SentData>) => ({ x: data(x), y: data(y) });
  const dataset = (
    from: 'dataset' | 'validationData',
    sent: Samples<SentData> | SentDataset,
    ask: Ask,
  ): Samples<Tensor | TensorData> | Dataset => {
    if ('scale' in sent) return new ArrayDataset(sent);
    return 'length' in sent ? askedDataset(from, sent.length, ask) : samples(sent);
  };
  return {
    init: (_, options, { ask }) => init(options, ask),
    tensor: (_, { data, shape }) => {
      const made = tensor(data, shape);
      return { id: objects.add(made), shape: made.shape };
    },
    toArray: (tensor) => tensor.toArray(),
    model: (_, plan) => addModel(createModel(plan)),
    readModel: (_, { file }) => addModel(readModel(file)),
    snapshot: (model, { by, withOptimizer }) => takeSnapshot(by, model, { withOptimizer }),
    loadArrays: (model, { arrays }) => loadArrays(model, arrays),
    train: (model, argument, { signal, ask }) => {
      const { schedule, metrics, validationData, onBatch, onEpoch, ...others } = argument;
      const { dataset: sent, reportEvery, ...options } = others;
      const own = {
        ...options,
        schedule: schedule && scheduleFromConfig(schedule),
        metrics: metrics?.map((config) => allMetrics.create(config)),
        validationData: validationData && dataset('validationData', validationData, ask),
        signal,
        onBatch: onBatch ? batchReporter(ask, reportEvery) : undefined,
        onEpoch: onEpoch ? (result: EpochResult) => ask('onEpoch', result) : undefined,
      };
      const taken = dataset('dataset', sent, ask);
      return isDataset(taken) ? model.train(taken, own) : model.train(taken.x, taken.y, own);
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
    profile: (model, { x, y, ...options }) => model.profile(data(x), data(y), options),
    outputs: (model, { x }) => outputsOf(model, data(x) as Tensor),
    layerConfigs: ({ layers }) => layers.map(layerToConfig),
    params: (model, { layer, part }) =>
      withTensors(layerAt(part === 'value' ? 'params' : 'gradients', model, layer), (params) =>
        mapValues(params, (param) => fileArray(param[part])),
      ),
    state: (model, { layer }) =>
      withTensors(layerAt('state', model, layer), (_, state) => mapValues(state, fileArray)),
    trainable: (model, { layer }) => layerAt('trainable', model, layer).trainable,
    setTrainable: (model, { layer, trainable }) => {
      const own = layerAt('setTrainable', model, layer);
      own.trainable = checkBoolean('RemoteModel.setTrainable: trainable', trainable);
    },
  };
}

/** A call being answered, and what the other side may tell it. */
interface Running {
  abort(): void;
  reply(message: ToWorker & { kind: 'reply' }): void;
}

/** Questions to the other side about a call, and what takes the replies. */
function createAsk(send: Send, call: number): { ask: Ask; reply: Running['reply'] } {
  const open = new Map<number, Running['reply']>();
  let asked = 0;
  return {
    ask: (kind, value) =>
      new Promise((resolve, reject) => {
        const question = asked++;
        open.set(question, ({ value: reply, failed }) => {
          if (failed) reject(new Error(`${kind} has failed on the other side`));
          else resolve(reply as Questions[typeof kind]['reply']);
        });
        send({ kind, call, question, value }, buffersIn(value));
      }),
    reply: (message) => {
      open.get(message.question)?.(message);
      open.delete(message.question);
    },
  };
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
    const { ask, reply } = createAsk(send, call);
    running.set(call, { abort: () => controller.abort(), reply });
    const post = (kind: 'result' | 'error', value: unknown): void =>
      send({ kind, call, value }, buffersIn(value));
    try {
      const handler = handlers[name] as (
        target: Model | Tensor | undefined,
        argument: unknown,
        context: Context,
      ) => unknown;
      const object = target === undefined ? undefined : objects.get(target);
      post('result', await handler(object, argument, { signal: controller.signal, ask }));
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
    else if (message.kind === 'reply') running.get(message.call)?.reply(message);
    else if ((message.kind as unknown) === 'abort') running.get(message.call)?.abort();
  };
}
