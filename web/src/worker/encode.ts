import { ArrayDataset, type NumberArray } from '../data/array-dataset.js';
import { type Dataset, isDataset, sampleCount } from '../data/dataset.js';
import type { FileArray } from '../io/file-array.js';
import type { LayerConfig } from '../layers/layer.js';
import { layerLists } from '../part-names.js';
import { nested } from '../nested.js';
import { checkBoolean, checkShape, isDetached, reject } from '../runtime/checks.js';
import { ArgumentTypeError, describe, StateError, suggest, ValueError } from '../runtime/errors.js';
import { checkSize } from '../shape.js';
import type { NestedNumbers, TensorData } from '../tensor.js';
import type { Caller, ClientSide, CopyOptions } from './caller.js';
import { toConfig } from './descriptions.js';
import type { CallName, Calls, LayerPath, Samples, SentData, WireTypes } from './protocol.js';
import { RemoteTensor } from './remote.js';

/** The ways to the frozen ones of some layers; those inside a frozen layer are frozen with it. */
function frozenPaths(layers: readonly unknown[], way: LayerPath = []): LayerPath[] {
  return layers.flatMap((layer, i) => {
    const own = [...way, i];
    const parts = Object(layer) as Record<string, unknown>;
    if (parts['trainable'] === false) return [own];
    if (parts['type'] !== 'Residual') return [];
    return layerLists.flatMap((name) => {
      const inner = parts[name];
      return Array.isArray(inner) ? nested('frozen', () => frozenPaths(inner, [...own, name])) : [];
    });
  });
}

/** Whether a value is a typed array of numbers, which BigInts and views of bytes are not. */
export function isNumbers(data: unknown): data is NumberArray {
  const isView = ArrayBuffer.isView(data) && 'length' in data;
  return isView && typeof (data as NumberArray)[0] !== 'bigint';
}

/** Whether the worker gets the arrays of a data set; one with a method of its own gathers as it likes. */
export function isGatheredThere(dataset: Dataset): dataset is ArrayDataset {
  return dataset instanceof ArrayDataset && dataset.gather === ArrayDataset.prototype.gather;
}

/** Types of which there are no others: classes of one's own stay on this side. */
export const knownTypes: Readonly<Record<'metric' | 'schedule', readonly string[]>> = {
  metric: ['Accuracy', 'Precision', 'Recall', 'F1Score', 'RMSE', 'MAE', 'R2Score', 'TopKAccuracy'],
  schedule: ['StepDecay', 'CosineDecay', 'WarmUp'],
};

/** Turns the values of one argument into what is sent; errors name the call and the value. */
class Encoder {
  /** The memory that goes over. */
  readonly transfer = new Set<ArrayBuffer>();
  readonly #call: string;
  readonly #copy: boolean;
  readonly #caller: Caller;

  constructor(call: string, copy: boolean, caller: Caller) {
    this.#call = call;
    this.#copy = copy;
    this.#caller = caller;
    checkBoolean(`${call}: copy`, copy);
  }

  #reject(name: string, wanted: string, value: unknown): never {
    return reject(`${this.#call}: ${name}`, wanted, value);
  }

  /** A typed array to be transferred: itself, or a copy where more than it would go. */
  #array<View extends ArrayBufferView>(name: string, array: View): View {
    if (isDetached(array)) {
      throw new StateError(
        `${this.#call}: ${name} is empty: its memory went to the worker in an earlier call; ` +
          'pass copy: true to keep it, or send it once as client.tensor(data, shape)',
      );
    }
    const { buffer, byteLength } = array;
    const whole =
      Object.prototype.toString.call(buffer) === '[object ArrayBuffer]' &&
      buffer.byteLength === byteLength;
    // The method of all typed arrays: Node's Buffer has one of that name that copies nothing.
    const sent = whole && !this.#copy ? array : Uint8Array.prototype.slice.call(array);
    this.transfer.add(sent.buffer as ArrayBuffer);
    return sent as ArrayBufferView as View;
  }

  /** Lets the arrays go that this side has read from a file. */
  take(arrays: ReadonlyMap<string, FileArray>): void {
    for (const { data } of arrays.values()) this.transfer.add(data.buffer);
  }

  numbers(name: string, data: TensorData): TensorData {
    if (Array.isArray(data)) return data as NestedNumbers;
    if (isNumbers(data)) return this.#array(name, data);
    this.#reject(name, 'nested arrays or a typed array of numbers', data);
  }

  /** A tensor that the worker has already: numbers would be gone before it could refuse them. */
  tensor(
    name: string,
    tensor: ClientSide['data'],
    wanted = 'a RemoteTensor, as WorkerClient.tensor makes them',
  ): SentData {
    if (!(tensor instanceof RemoteTensor)) this.#reject(name, wanted, tensor);
    const { caller, id } = tensor.reach();
    if (caller === this.#caller) return { tensor: id };
    throw new ArgumentTypeError(`${this.#call}: ${name} is a RemoteTensor of another client`);
  }

  data(name: string, data: ClientSide['data']): SentData {
    if (Array.isArray(data) || ArrayBuffer.isView(data)) return this.numbers(name, data);
    return this.tensor(name, data, 'nested arrays, a typed array or a RemoteTensor');
  }

  tensors<Others extends Samples<ClientSide['data']>>({ x, y, ...others }: Others) {
    return { ...others, x: this.tensor('x', x), y: this.tensor('y', y) };
  }

  samples<Others extends Samples<ClientSide['data']>>(
    { x, y, ...others }: Others,
    prefix = '',
  ): Omit<Others, 'x' | 'y'> & { x: SentData; y: SentData } {
    return { ...others, x: this.data(`${prefix}x`, x), y: this.data(`${prefix}y`, y) };
  }

  dataset(
    name: string,
    given: Calls<ClientSide>['train']['argument']['dataset'],
    prefix = '',
  ): Calls<WireTypes>['train']['argument']['dataset'] {
    if (!isDataset(given)) {
      if (typeof (given as unknown) === 'object' && (given as unknown) !== null) {
        return this.samples(given, prefix);
      }
      this.#reject(name, '{ x, y } or a Dataset', given);
    }
    const length = sampleCount(`${this.#call}: ${name}`, given);
    if (!isGatheredThere(given)) return { length };
    const { x, y, scale } = given;
    const [sentX, sentY] = [this.#array(`${prefix}x`, x), this.#array(`${prefix}y`, y)];
    return { x: sentX, y: sentY, length, scale };
  }

  config(name: string, description: unknown): LayerConfig | undefined {
    return description === undefined ? undefined : toConfig(`${this.#call}: ${name}`, description);
  }

  /** As `config`, of one of the types that the worker knows: it could refuse others only when arrays have gone there. */
  known(kind: keyof typeof knownTypes, place: string, description: unknown): LayerConfig {
    const config = toConfig(`${this.#call}: ${place}`, description);
    const names = knownTypes[kind];
    if (names.includes(config.type)) return config;
    throw new ValueError(
      `${this.#call}: unknown ${kind} type ${describe(config.type)}${suggest(config.type, names)}`,
    );
  }

  metrics(descriptions: readonly unknown[] | undefined): LayerConfig[] | undefined {
    if (descriptions === undefined) return undefined;
    if (!Array.isArray(descriptions)) {
      this.#reject('metrics', "a list such as [{ type: 'Accuracy' }]", descriptions);
    }
    return Array.from(descriptions, (each, i) => this.known('metric', `metric ${i}`, each));
  }

  layers(descriptions: readonly unknown[]): LayerConfig[] {
    // Not by map, which passes over what is missing: a list of any length would have no layer.
    return Array.from(descriptions, (each, i) => toConfig(`${this.#call}: layer ${i}`, each, true));
  }
}

/** Turns the argument of each call into what is sent; those that are not here are sent as they are. */
const encoders: {
  readonly [Name in CallName]?: (
    argument: Calls<ClientSide>[Name]['argument'],
    encoder: Encoder,
  ) => Calls<WireTypes>[Name]['argument'];
} = {
  tensor: ({ data, shape }, encoder) => {
    if (shape !== undefined) checkShape('WorkerClient.tensor: shape', shape);
    // The worker could throw only after the numbers have gone there.
    if (shape && isNumbers(data)) checkSize('WorkerClient.tensor', shape, data.length);
    return { data: encoder.numbers('data', data), shape };
  },
  model: ({ layers, loss, optimizer, ...others }, encoder) => ({
    ...others,
    layers: encoder.layers(layers),
    frozen: frozenPaths(layers),
    loss: encoder.config('loss', loss),
    optimizer: encoder.config('optimizer', optimizer),
  }),
  readModel: ({ file }, encoder) => {
    encoder.take(file.arrays);
    return { file };
  },
  loadArrays: ({ arrays }, encoder) => {
    encoder.take(arrays);
    return { arrays };
  },
  train: ({ dataset, schedule, metrics, validationData, ...others }, encoder) => ({
    ...others,
    dataset: encoder.dataset('dataset', dataset),
    schedule: schedule === undefined ? undefined : encoder.known('schedule', 'schedule', schedule),
    metrics: encoder.metrics(metrics),
    validationData:
      validationData === undefined
        ? undefined
        : encoder.dataset('validationData', validationData, 'validationData.'),
  }),
  trainBatch: (samples, encoder) => encoder.tensors(samples),
  evaluate: ({ metrics, ...others }, encoder) => ({
    ...encoder.samples(others),
    metrics: encoder.metrics(metrics),
  }),
  predict: ({ x, ...others }, encoder) => ({ ...others, x: encoder.data('x', x) }),
  outputs: ({ x }, encoder) => ({ x: encoder.tensor('x', x) }),
  profile: (samples, encoder) => encoder.tensors(samples),
};

/**
 * The argument of a call as it is sent, with the memory to be transferred, and for objects of this side
 * the data that stand for them.
 * @param owner - Class that errors name with the method: "RemoteModel".
 * @throws {@link ArgumentTypeError} for values that cannot be sent, {@link StateError} for those that
 * were transferred already or disposed of. Nothing is transferred then.
 */
export function encode<Name extends CallName>(
  owner: string,
  name: Name,
  { copy = false, ...argument }: Calls<ClientSide>[Name]['argument'] & CopyOptions,
  caller: Caller,
): { readonly argument: object; readonly transfer: ArrayBuffer[] } {
  const encoder = new Encoder(`${owner}.${name}`, copy, caller);
  const sent = encoders[name]?.(argument, encoder) ?? argument;
  return { argument: sent, transfer: [...encoder.transfer] };
}
