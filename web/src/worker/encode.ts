import { mapValues } from '../map-values.js';
import { ArgumentTypeError, describe, StateError } from '../runtime/errors.js';
import type { TensorData } from '../tensor.js';
import type { Connection } from './connection.js';
import { type MetricDescription, type ScheduleDescription, toConfig } from './descriptions.js';
import type { SentData, Terms } from './protocol.js';
import { type CopyOptions, RemoteTensor } from './remote.js';

/** What arguments are made of on this side. */
export interface Given extends Terms {
  data: RemoteTensor | TensorData;
  part: unknown;
  schedule: ScheduleDescription;
  metric: MetricDescription;
}

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

function sendTensor(what: string, tensor: RemoteTensor, connection: Connection): SentData {
  const { connection: owner, id } = tensor.reach();
  if (owner === connection) return { tensor: id };
  throw new ArgumentTypeError(`${what} is a RemoteTensor of another client`);
}

/**
 * The argument of a call as it is sent: typed arrays to be transferred, and for objects of this side
 * what stands for them.
 * @param what - How errors begin: "RemoteModel.train: ".
 * @throws {@link ArgumentTypeError} for what cannot be sent, {@link StateError} for what was
 * transferred already or disposed of.
 */
export function encode(
  what: string,
  { copy = false, ...argument }: CopyOptions,
  connection: Connection,
): object {
  return mapValues<unknown, unknown>({ ...argument }, (value, name) => {
    const field = what + name;
    const mustBe = (wanted: string): ArgumentTypeError =>
      new ArgumentTypeError(`${field} must be ${wanted}, got ${describe(value)}`);
    switch (name) {
      case 'bytes':
        if (Object.prototype.toString.call(value) !== '[object Uint8Array]') {
          throw mustBe('a Uint8Array');
        }
        return sendArray(field, value as Uint8Array, copy);
      case 'data':
      case 'x':
      case 'y':
        if (Array.isArray(value)) return value as unknown;
        if (ArrayBuffer.isView(value)) return sendArray(field, value, copy);
        if (name === 'data') throw mustBe('nested arrays or a typed array');
        if (!(value instanceof RemoteTensor)) {
          throw mustBe('nested arrays, a typed array or a RemoteTensor');
        }
        return sendTensor(field, value, connection);
      case 'loss':
      case 'optimizer':
      case 'schedule':
        return value && toConfig(field, value);
      case 'layers':
      case 'metrics':
        // One of the "layers" is "layer 0".
        return (value as readonly unknown[] | undefined)?.map((each, i) =>
          toConfig(`${field.slice(0, -1)} ${i}`, each),
        );
      case 'validationData':
        return value && encode(`${field}.`, { copy, ...value }, connection);
      default:
        return value;
    }
  });
}
