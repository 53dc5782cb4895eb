// From the values of a graph to its parts, and back.
import type { Layer } from '../layers/layer.js';
import { ValueError } from '../runtime/errors.js';
import { type Shape, sizeOf } from '../shape.js';
import type { GraphCall, GraphLayer, GraphParts, Port } from './graph-layer.js';
import { Pack, Unpack } from './packing.js';
import { SymbolicTensor } from './symbolic-tensor.js';

/** A value at an end of a graph, and the name by which it is given or wanted. */
export interface End {
  readonly name: string;
  readonly value: SymbolicTensor;
}

/** The ends of a graph. */
export interface Ends {
  readonly inputs: readonly End[];
  readonly outputs: readonly End[];
  readonly named: readonly [inputs: boolean, outputs: boolean];
}

/**
 * The values that outputs are made of, each behind those that it is made of.
 * @throws {@link ValueError} for an input that is not among those given, or that nothing takes.
 */
export function inOrderOfUse({ inputs, outputs }: Ends): SymbolicTensor[] {
  const known = new Set(inputs.map(({ value }) => value));
  const read = new Set(outputs.map(({ value }) => value));
  const order: SymbolicTensor[] = [];
  // No recursion: a graph may be deeper than the stack.
  const stack = outputs.map(({ value }) => value).reverse();
  const opened = new Set<SymbolicTensor>();
  for (let value = stack.at(-1); value !== undefined; value = stack.at(-1)) {
    if (known.has(value)) {
      stack.pop();
      continue;
    }
    const { call } = value;
    if (call === undefined) {
      throw new ValueError(
        `Model: the outputs are made of '${String(value)}', which is not among the inputs`,
      );
    }
    for (const input of call.inputs) read.add(input);
    if (opened.has(value)) {
      known.add(value);
      order.push(value);
      stack.pop();
      continue;
    }
    opened.add(value);
    for (const input of [...call.inputs].reverse()) if (!known.has(input)) stack.push(input);
  }
  for (const { name, value } of inputs) {
    if (!read.has(value)) throw new ValueError(`Model: nothing takes the input '${name}'`);
  }
  return order;
}

/** Numbers values and layers in the making of a graph's parts. */
class Numbering {
  readonly layers: Layer[] = [];
  readonly calls: GraphCall[] = [];
  readonly #layers = new Map<Layer, number>();

  /** The number of a layer. */
  layer(layer: Layer): number {
    let number = this.#layers.get(layer);
    if (number === undefined) {
      number = this.layers.push(layer) - 1;
      this.#layers.set(layer, number);
    }
    return number;
  }

  /** Adds a call; gives the number of its value. */
  call(layer: Layer, values: readonly number[]): number {
    return this.calls.push([this.layer(layer), values]);
  }
}

const portOf = ({ name, value }: End): Port => ({ name, shape: value.shape });

/**
 * The parts of a graph.
 * @param isLeft - Whether the layer that makes an output is left to its loss.
 */
export function partsOf(ends: Ends, isLeft: (output: number, layer: Layer) => boolean): GraphParts {
  const order = inOrderOfUse(ends);
  const { inputs, outputs, named } = ends;
  const readers = new Map<SymbolicTensor, number>();
  const read = (value: SymbolicTensor): unknown =>
    readers.set(value, (readers.get(value) ?? 0) + 1);
  for (const { value } of outputs) read(value);
  for (const { call } of order) call?.inputs.forEach(read);

  // An activation whose output nothing else takes.
  const left = outputs.map(({ value }, i) => {
    const { call } = value;
    const isLast = call?.inputs.length === 1 && readers.get(value) === 1;
    return call && isLast && isLeft(i, call.layer) ? value : undefined;
  });
  const numbering = new Numbering();
  const numbers = new Map<SymbolicTensor, number>();
  let offset = 0;
  for (const { value } of inputs) {
    const { shape } = value;
    const isOnly = inputs.length === 1;
    numbers.set(value, isOnly ? 0 : numbering.call(new Unpack(offset, shape), [0]));
    offset += sizeOf(shape);
  }
  const numberOf = (value: SymbolicTensor): number => numbers.get(value) as number;
  for (const value of order) {
    if (left.includes(value) || value.call === undefined) continue;
    numbers.set(value, numbering.call(value.call.layer, value.call.inputs.map(numberOf)));
  }
  const made = outputs.map(({ value }, i) =>
    numberOf(left[i] ? (value.call?.inputs[0] as SymbolicTensor) : value),
  );
  if (made.length > 1) numbering.call(new Pack(), made);
  else if (made[0] !== numbering.calls.length || made[0] === 0) {
    throw new ValueError('Model: the output must be what a layer makes of the input');
  }
  const heads = left.map((value) =>
    value?.call === undefined ? -1 : numbering.layer(value.call.layer),
  );
  return {
    layers: Object.freeze(numbering.layers),
    calls: numbering.calls,
    inputs: inputs.map(portOf),
    outputs: outputs.map(portOf),
    named,
    heads,
  };
}

/** The values of a graph that was made of parts, as a file has them. */
export function endsOf({ graph, doers }: GraphLayer): Ends {
  const { layers, calls, inputs, outputs, named, heads } = graph;
  const own = inputs.map(({ name, shape }) => ({ name, value: new SymbolicTensor(shape, name) }));
  const values = [(own[0] as End).value];
  let packed: readonly number[] = [];
  let next = 0;
  for (const [i, [number, taken]] of calls.entries()) {
    const layer = layers[number] as Layer;
    if (layer instanceof Unpack) {
      values.push((own[next++] as End).value);
    } else if (layer instanceof Pack) {
      packed = taken;
    } else {
      const from = taken.map((value) => values[value] as SymbolicTensor);
      const shape: Shape = (doers[i] as Layer).outputShape;
      values.push(new SymbolicTensor(shape, layer.type, { layer, inputs: from }));
    }
  }
  const made = packed.length > 0 ? packed : [values.length - 1];
  const ends = outputs.map(({ name }, i) => {
    const value = values[made[i] as number] as SymbolicTensor;
    const layer = layers[heads[i] ?? -1];
    if (layer === undefined) return { name, value };
    const call = { layer, inputs: [value] };
    return { name, value: new SymbolicTensor(value.shape, layer.type, call) };
  });
  return { inputs: own, outputs: ends, named };
}
