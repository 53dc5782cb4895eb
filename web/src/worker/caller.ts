import type { Dataset } from '../data/dataset.js';
import type { TensorData } from '../tensor.js';
import type { EpochResult } from '../train-options.js';
import type { MetricDescription, ScheduleDescription } from './descriptions.js';
import type {
  ArgumentTypes,
  CallName,
  Calls,
  Id,
  RemoteBatchProgress,
  Result,
} from './protocol.js';

/** Whether a call keeps the caller's typed arrays as they are. */
export interface CopyOptions {
  /**
   * Sends a copy of typed arrays. Default false: their memory goes to the worker, and they are
   * empty (detached) afterwards. A call that is refused for types, names or the number of samples takes
   * nothing along; one that fails in the worker has. A view of a part of a buffer is always copied.
   */
  readonly copy?: boolean | undefined;
}

/** A model or tensor of a worker, as a call's target or in its argument. */
export interface InWorker {
  /** @throws StateError after `dispose()`. */
  reach(): { readonly caller: Caller; readonly id: Id };
}

/** The types in arguments as a client's caller gives them. */
export interface ClientSide extends ArgumentTypes {
  data: InWorker | TensorData;
  dataset: Dataset;
  part: unknown;
  schedule: ScheduleDescription;
  metric: MetricDescription;
}

/** The parts of a training that stay on this side. */
export interface Watcher {
  readonly dataset?: Dataset | undefined;
  readonly validationData?: Dataset | undefined;
  readonly onBatch?: ((progress: RemoteBatchProgress) => unknown) | undefined;
  readonly onEpoch?: ((result: EpochResult) => void | Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Makes calls to one worker. */
export interface Caller {
  /**
   * Lets the worker do something; the memory of every typed array in the argument goes there.
   * @param owner - Class that errors name with the method.
   * @param target - The model or tensor that the call is about, if any.
   * @returns Its answer; rejects with its error, or when the connection is closed.
   */
  call<Name extends CallName>(
    owner: string,
    name: Name,
    argument: Calls<ClientSide>[Name]['argument'] & CopyOptions,
    target?: Id,
    watcher?: Watcher,
  ): Promise<Result<Name>>;

  /** Frees a model or tensor in the worker. */
  free(id: Id): void;
}
