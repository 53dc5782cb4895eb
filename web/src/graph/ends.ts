// The inputs and outputs of a model: one, a list, or by name.
import { takeData } from '../data/take.js';
import { isPlain } from '../runtime/checks.js';
import { ArgumentTypeError, describe, ShapeError, suggest, ValueError } from '../runtime/errors.js';
import { type Shape, sizeOf } from '../shape.js';
import { type Tensor, type TensorData, tensor } from '../tensor.js';
import type { Port } from './graph-layer.js';

/** One, several in their order, or by name. */
export type OneOrMore<Value> = Value | readonly Value[] | Readonly<Record<string, Value>>;

/** The values given for some ends, in their order. */
export function inOrder<Value>(
  what: string,
  given: OneOrMore<Value>,
  ends: readonly Pick<Port, 'name'>[],
): Value[] {
  if (isPlain(given)) {
    const values = given as Record<string, Value>;
    const names = ends.map(({ name }) => name);
    if (new Set(names).size < names.length) {
      throw new ValueError(`${what}: give a list: two of ${describe(names)} have one name`);
    }
    for (const name of Object.keys(values)) {
      if (names.includes(name)) continue;
      throw new ValueError(`${what}: there is no ${describe(name)}${suggest(name, names)}`);
    }
    return names.map((name) => {
      if (Object.hasOwn(values, name)) return values[name] as Value;
      throw new ValueError(`${what}: ${describe(name)} is missing`);
    });
  }
  const list = Array.isArray(given) ? (given as readonly Value[]) : [given as Value];
  if (list.length !== ends.length) {
    const names = ends.map(({ name }) => name).join(', ');
    throw new ArgumentTypeError(
      `${what} must be a list of ${ends.length}, or an object, for ${names}; got ${describe(given)}`,
    );
  }
  return [...list];
}

/** Data of several ends in one row a sample, one behind the other. */
export function packed(
  what: string,
  given: OneOrMore<Tensor | TensorData>,
  ports: readonly Port[],
): Float32Array {
  const free: Pick<Tensor, 'dispose'>[] = [];
  try {
    const parts = inOrder(what, given, ports).map((data, i) =>
      takeData(what, data, (ports[i] as Port).shape, free),
    );
    const [samples = 0] = (parts[0] as Tensor).shape;
    const sizes = ports.map(({ shape }) => sizeOf(shape));
    const row = sizes.reduce((sum, size) => sum + size);
    const all = new Float32Array(samples * row);
    let offset = 0;
    for (const [i, part] of parts.entries()) {
      if (part.shape[0] !== samples) {
        throw new ShapeError(
          `${what}: ${(ports[i] as Port).name} has ${part.shape[0]} samples, ` +
            `${(ports[0] as Port).name} has ${samples}`,
        );
      }
      const size = sizes[i] as number;
      const numbers = part.view();
      for (let n = 0; n < samples; n++) {
        all.set(numbers.subarray(n * size, (n + 1) * size), n * row + offset);
      }
      offset += size;
    }
    return all;
  } finally {
    for (const each of free) each.dispose();
  }
}

/** The other way: a tensor for each of several ends. */
export function unpacked(all: Tensor, shapes: readonly Shape[]): Tensor[] {
  const [samples = 0, row = 0] = all.shape;
  const numbers = all.view();
  let offset = 0;
  const parts = shapes.map((shape) => {
    const size = sizeOf(shape);
    const part = new Float32Array(samples * size);
    for (let n = 0; n < samples; n++) {
      const from = n * row + offset;
      part.set(numbers.subarray(from, from + size), n * size);
    }
    offset += size;
    return { part, shape };
  });
  // Behind the copies, since each of them may move the memory that `numbers` shows.
  return parts.map(({ part, shape }) => tensor(part, [samples, ...shape]));
}
