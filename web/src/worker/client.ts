import { readFiles } from '../io/files.js';
import type { ModelFile } from '../io/model-file.js';
import { checkArray, checkNames } from '../runtime/checks.js';
import { StateError } from '../runtime/errors.js';
import { disposeSymbol } from '../runtime/handle.js';
import type { LayerConfig } from '../layers/layer.js';
import type { InitOptions, RuntimeInfo } from '../runtime/choose.js';
import type { NodeWorker } from '../runtime/workers.js';
import type { Shape } from '../shape.js';
import type { TensorData } from '../tensor.js';
import type { ClientSide, CopyOptions } from './caller.js';
import { Connection } from './connection.js';
import type { LayerDescription, LossDescription, OptimizerDescription } from './descriptions.js';
import type { CallName, Calls, Result } from './protocol.js';
import { RemoteTensor } from './remote.js';
import { RemoteModel } from './remote-model.js';
import { startOwnWorker } from './start.js';

/** Options of {@link createWorkerClient}: those of `init()`, which runs in the worker, and which worker. */
export interface WorkerClientOptions extends InitOptions {
  /**
   * A worker whose script calls {@link serve}, for layers and losses of your own. Default: the
   * package's. The client owns it: `dispose()` ends it. One that is terminated otherwise is noticed,
   * and calls reject, in Node and on secure pages, which have Web Locks; elsewhere use `dispose()`.
   */
  readonly worker?: Worker | NodeWorker | undefined;
}

/** Options of {@link WorkerClient.model}. */
export interface RemoteModelOptions<Custom = never> {
  /** Training minimises it; a model without one only predicts. */
  readonly loss?: LossDescription<Custom> | undefined;
  /** Updates the parameters by their gradients. */
  readonly optimizer?: OptimizerDescription | undefined;
  /** Whole number from which initial weights, shuffling and dropout follow. Default 0. */
  readonly seed?: number | undefined;
  /** Shape of a sample, when the first layer does not say. */
  readonly inputShape?: Shape | undefined;
  /** Whether the worker's console warns of shapes that look like [height, width, channels]. Default true. */
  readonly warnings?: boolean | undefined;
}

/**
 * A worker that has the engine, seen from the page. Made by {@link createWorkerClient}. Calls wait
 * for nothing but the work before them: while one model trains, others predict in between.
 */
export class WorkerClient<Custom = never> {
  /** The choice that the worker's `init()` has made. */
  readonly runtimeInfo: RuntimeInfo;
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection, runtimeInfo: RuntimeInfo) {
    this.#connection = connection;
    this.runtimeInfo = runtimeInfo;
  }

  /**
   * Makes a model in the worker: the same as `new Model(layers, options)` there.
   * @param layers - Descriptions `{ type: 'Dense', outputSize: 10 }`, or layer objects where the
   * engine is loaded on this side, too.
   * @returns Rejects with what the constructors of layers, loss, optimizer and model throw.
   */
  async model(
    layers: readonly LayerDescription<Custom>[],
    options: RemoteModelOptions<Custom> = {},
  ): Promise<RemoteModel> {
    checkArray('WorkerClient.model: layers', layers);
    const names = ['loss', 'optimizer', 'seed', 'inputShape', 'warnings'];
    const own: RemoteModelOptions<Custom> = checkNames('WorkerClient.model', options, names);
    return new RemoteModel(this.#connection, await this.#call('model', { layers, ...own }));
  }

  /**
   * Sends numbers once, for many calls.
   * @param data - Nested arrays or a flat typed array, which is transferred unless `copy` is set.
   * @param shape - Of a flat list; nested arrays have their own.
   * @returns Rejects with ShapeError when the number of elements is not the shape's.
   */
  async tensor(data: TensorData, shape?: Shape, options: CopyOptions = {}): Promise<RemoteTensor> {
    checkNames('WorkerClient.tensor', options, ['copy']);
    const made = await this.#call('tensor', { data, shape, ...options });
    return new RemoteTensor(this.#connection, made);
  }

  /** Makes the model of an .npz file, as `loadNpz`. Rejects with FormatError for whatever is wrong. */
  async loadNpz(bytes: Uint8Array): Promise<RemoteModel> {
    return this.#read(readFiles('WorkerClient.loadNpz', 'readNpz', bytes));
  }

  /**
   * Makes the model of a checkpoint, as `loadCheckpoint`: it goes on training as if nothing had
   * happened. Rejects with FormatError for whatever is wrong.
   */
  async loadCheckpoint(bytes: Uint8Array): Promise<RemoteModel> {
    return this.#read(readFiles('WorkerClient.loadCheckpoint', 'readCheckpoint', bytes));
  }

  /**
   * Makes the model of a layers model of TensorFlow.js, as `loadLayersModel`. Rejects as that does.
   * @param modelJson - The text of `model.json`.
   * @param shards - The contents of the files that its `weightsManifest` names, in that order.
   */
  async loadLayersModel(modelJson: string, shards: readonly Uint8Array[]): Promise<RemoteModel> {
    const call = 'WorkerClient.loadLayersModel';
    return this.#read(readFiles(call, 'readLayersModel', modelJson, shards));
  }

  /**
   * Makes the model of a Keras model, as `loadKeras`. Rejects as that does.
   * @param json - What `model.to_json()` returned.
   * @param weights - The .npz file.
   */
  async loadKeras(json: string, weights: Uint8Array): Promise<RemoteModel> {
    return this.#read(readFiles('WorkerClient.loadKeras', 'readKeras', json, weights));
  }

  /** Whether `dispose()` was called, or the worker failed or was terminated. */
  get disposed(): boolean {
    return this.#connection.closed;
  }

  /**
   * Ends the worker at once, with everything in it; a second call does nothing. Calls that it has
   * not answered reject with StateError.
   */
  dispose(): void {
    this.#connection.close(new StateError('WorkerClient: used after dispose()'));
  }

  /** As `dispose()`, for `using`. */
  [disposeSymbol](): void {
    this.dispose();
  }

  /** Makes the model of a file, which is read on this side: the worker knows no formats. */
  async #read(reading: Promise<ModelFile>): Promise<RemoteModel> {
    const info = await this.#call('readModel', { file: await reading });
    return new RemoteModel(this.#connection, info);
  }

  #call<Name extends CallName>(
    name: Name,
    argument: Calls<ClientSide>[Name]['argument'] & CopyOptions,
  ): Promise<Result<Name>> {
    return this.#connection.call('WorkerClient', name, argument);
  }
}

/** The milliseconds in which a worker has loaded the engine, by all experience. */
const patience = 10_000;

/**
 * Starts a worker, loads the engine there, and returns this side's end: the page never waits for
 * a computation. Works with the module workers of browsers and with Node's `worker_threads`, where
 * a client without calls does not keep the process from ending. `Custom` describes layers and
 * losses of your own that `worker` has registered.
 * @throws What `init()` throws in the worker, {@link StateError} when the worker cannot be loaded,
 * {@link ArgumentTypeError} for anything but a worker, {@link ValueError} for an unknown option.
 * @example
 * const client = await createWorkerClient();
 * const model = await client.model([{ type: 'Dense', outputSize: 1, inputSize: 2 }], {
 *   loss: { type: 'MSE' },
 *   optimizer: { type: 'Adam' },
 * });
 */
export async function createWorkerClient<Custom extends Pick<LayerConfig, 'type'> = never>(
  options: WorkerClientOptions = {},
): Promise<WorkerClient<Custom>> {
  checkNames('createWorkerClient', options, ['worker', 'variant', 'threads', 'winograd']);
  const { worker, ...initOptions } = options;
  const connection = new Connection(worker ?? (await startOwnWorker()));
  const hint = setTimeout(() => {
    console.warn('createWorkerClient: the worker is silent; its script must call serve()');
  }, patience);
  try {
    return new WorkerClient(
      connection,
      await connection.call('createWorkerClient', 'init', initOptions),
    );
  } catch (error) {
    connection.close(new StateError('createWorkerClient: init() failed'));
    throw error;
  } finally {
    clearTimeout(hint);
  }
}
