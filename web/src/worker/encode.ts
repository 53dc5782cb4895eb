import type { LayerConfig } from '../layers/layer.js';
import { ArgumentTypeError, describe, StateError } from '../runtime/errors.js';
import type { NestedNumbers, TensorData } from '../tensor.js';
import type { Caller, ClientSide, CopyOptions } from './caller.js';
import { toConfig } from './descriptions.js';
import type { CallName, Calls, SentData, WireTypes } from './protocol.js';
import { RemoteTensor } from './remote.js';

/** A typed array that may be transferred: itself, or a copy where more than it would go. */
function sendArray(what: string, array: ArrayBufferView, copy: boolean): ArrayBufferView {
  const { buffer, byteLength } = array;
  if (byteLength === 0) {
    throw new StateError(
      `${what} is empty: its memory went to the worker in an earlier call; ` +
        'pass copy: true to keep it, or send it once as client.tensor(data, shape)',
    );
  }
  const whole =
    Object.prototype.toString.call(buffer) === '[object ArrayBuffer]' &&
    buffer.byteLength === byteLength;
  // The method of all typed arrays: Node's Buffer has one of that name that copies nothing.
  return whole && !copy ? array : Uint8Array.prototype.slice.call(array);
}

/** Whether each of some layers, and of those inside them, is trainable. */
function allTrainable(layers: readonly unknown[]): boolean[] {
  return layers.flatMap((layer) => {
    const { type, trainable, layers, shortcut } = Object(layer) as Record<string, unknown>;
    const inner = [layers, shortcut].flatMap((list) =>
      type === 'Residual' && Array.isArray(list) ? allTrainable(list) : [],
    );
    // A frozen layer has frozen layers inside.
    return [trainable !== false, ...inner.map((each) => each && trainable !== false)];
  });
}

/** Turns the values of one argument into what is sent; errors name the call and the value. */
class Encoder {
  readonly #call: string;
  readonly #copy: boolean;
  readonly #caller: Caller;

  constructor(call: string, copy: boolean, caller: Caller) {
    this.#call = call;
    this.#copy = copy;
    this.#caller = caller;
  }

  #mustBe(name: string, wanted: string, value: unknown): ArgumentTypeError {
    return new ArgumentTypeError(
      `${this.#call}: ${name} must be ${wanted}, got ${describe(value)}`,
    );
  }

  #array<View extends ArrayBufferView>(name: string, array: View): View {
    return sendArray(`${this.#call}: ${name}`, array, this.#copy) as View;
  }

  file({ bytes }: { readonly bytes: Uint8Array }, name = 'bytes'): { bytes: Uint8Array } {
    // Also one of another realm.
    if (Object.prototype.toString.call(bytes) !== '[object Uint8Array]') {
      throw this.#mustBe(name, 'a Uint8Array', bytes);
    }
    return { bytes: this.#array(name, bytes) };
  }

  /** Whether layers are trainable, as places of the frozen ones; each before those inside it. */
  frozen(layers: readonly unknown[]): number[] {
    return allTrainable(layers).flatMap((trainable, i) => (trainable ? [] : [i]));
  }

  text(name: string, text: unknown): string {
    if (typeof text === 'string') return text;
    throw this.#mustBe(name, 'a text: await response.text(), or JSON.stringify(object)', text);
  }

  shards(shards: readonly Uint8Array[]): Uint8Array[] {
    if (!Array.isArray(shards)) throw this.#mustBe('shards', 'a list of Uint8Arrays', shards);
    return shards.map((bytes: Uint8Array) => this.file({ bytes }, 'shards').bytes);
  }

  numbers(name: string, data: TensorData): TensorData {
    if (Array.isArray(data)) return data as NestedNumbers;
    if (ArrayBuffer.isView(data)) return this.#array(name, data);
    throw this.#mustBe(name, 'nested arrays or a typed array', data);
  }

  data(name: string, data: ClientSide['data']): SentData {
    if (Array.isArray(data) || ArrayBuffer.isView(data)) return this.numbers(name, data);
    if (!(data instanceof RemoteTensor)) {
      throw this.#mustBe(name, 'nested arrays, a typed array or a RemoteTensor', data);
    }
    const { caller, id } = data.reach();
    if (caller === this.#caller) return { tensor: id };
    throw new ArgumentTypeError(`${this.#call}: ${name} is a RemoteTensor of another client`);
  }

  samples<Others extends { x: ClientSide['data']; y: ClientSide['data'] }>(
    { x, y, ...others }: Others,
    prefix = '',
  ): Omit<Others, 'x' | 'y'> & { x: SentData; y: SentData } {
    return { ...others, x: this.data(`${prefix}x`, x), y: this.data(`${prefix}y`, y) };
  }

  config(name: string, description: unknown): LayerConfig | undefined {
    return description ? toConfig(`${this.#call}: ${name}`, description) : undefined;
  }

  configs(name: string, descriptions: readonly unknown[]): LayerConfig[] {
    return descriptions.map((each, i) =>
      toConfig(`${this.#call}: ${name} ${i}`, each, name === 'layer'),
    );
  }
}

/** Turns the argument of each call into what is sent. */
const encoders: {
  readonly [Name in CallName]: (
    argument: Calls<ClientSide>[Name]['argument'],
    encoder: Encoder,
  ) => Calls<WireTypes>[Name]['argument'];
} = {
  init: (options) => options,
  tensor: ({ data, shape }, encoder) => ({ data: encoder.numbers('data', data), shape }),
  toArray: () => ({}),
  model: ({ layers, loss, optimizer, ...others }, encoder) => ({
    ...others,
    layers: encoder.configs('layer', layers),
    frozen: encoder.frozen(layers),
    loss: encoder.config('loss', loss),
    optimizer: encoder.config('optimizer', optimizer),
  }),
  loadNpz: (file, encoder) => encoder.file(file),
  loadCheckpoint: (file, encoder) => encoder.file(file),
  loadLayersModel: ({ json, shards }, encoder) => ({
    json: encoder.text('modelJson', json),
    shards: encoder.shards(shards),
  }),
  loadKeras: ({ json, ...file }, encoder) => ({
    json: encoder.text('json', json),
    ...encoder.file(file, 'weights'),
  }),
  saveNpz: () => ({}),
  saveCheckpoint: () => ({}),
  saveSafetensors: () => ({}),
  exportOnnx: () => ({}),
  loadSafetensors: (file, encoder) => encoder.file(file),
  train: ({ schedule, metrics, validationData, ...others }, encoder) => ({
    ...encoder.samples(others),
    schedule: encoder.config('schedule', schedule),
    metrics: metrics && encoder.configs('metric', metrics),
    validationData: validationData && encoder.samples(validationData, 'validationData.'),
  }),
  trainBatch: (samples, encoder) => encoder.samples(samples),
  evaluate: ({ metrics, ...others }, encoder) => ({
    ...encoder.samples(others),
    metrics: metrics && encoder.configs('metric', metrics),
  }),
  predict: ({ x, ...others }, encoder) => ({ ...others, x: encoder.data('x', x) }),
  profile: (samples, encoder) => encoder.samples(samples),
  params: (argument) => argument,
  state: (argument) => argument,
  trainable: (argument) => argument,
  setTrainable: (argument) => argument,
};

/**
 * The argument of a call as it is sent: typed arrays to be transferred, and for objects of this side
 * the data that stand for them.
 * @param owner - Class that errors name with the method: "RemoteModel".
 * @throws {@link ArgumentTypeError} for values that cannot be sent, {@link StateError} for those that
 * were transferred already or disposed of.
 */
export function encode<Name extends CallName>(
  owner: string,
  name: Name,
  { copy = false, ...argument }: Calls<ClientSide>[Name]['argument'] & CopyOptions,
  caller: Caller,
): Calls<WireTypes>[Name]['argument'] {
  const encoder = new Encoder(`${owner}.${name}`, copy, caller);
  return encoders[name](argument, encoder);
}
