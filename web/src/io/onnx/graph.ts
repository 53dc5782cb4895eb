import type { Shape } from '../../shape.js';
import { concatenate, encodeFloat32 } from '../binary.js';
import type { FileArray } from '../file-array.js';
import { bytes, float, int, message, text } from './protobuf.js';

// Numbers of fields and types are those of onnx.proto, release 1.12, which has opset 17.
const irVersion = 8;
const opset = 17;
const elementType = { float: 1, int64: 7 } as const;
const attributeType = { float: 1, int: 2, text: 3, ints: 7 } as const;

/** A whole number, whole numbers, a text, or a number that has a fraction. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

/** An input or output of a graph. */
interface Port {
  readonly name: string;
  /** Of a sample; the batch comes before it and may have any size. */
  readonly shape: Shape;
}

function attribute(name: string, value: Attribute): Uint8Array[] {
  if (typeof value === 'number') {
    return [text(1, name), int(3, value), int(20, attributeType.int)];
  }
  if (typeof value === 'string') {
    return [text(1, name), text(4, value), int(20, attributeType.text)];
  }
  if ('float' in value) {
    return [text(1, name), float(2, value.float), int(20, attributeType.float)];
  }
  return [text(1, name), ...value.map((item) => int(8, item)), int(20, attributeType.ints)];
}

function port({ name, shape }: Port): Uint8Array[] {
  const dims = [text(2, 'batch'), ...shape.map((dim) => int(1, dim))];
  const tensorShape = message(
    2,
    dims.map((dim) => message(1, [dim])),
  );
  return [text(1, name), message(2, [message(1, [int(1, elementType.float), tensorShape])])];
}

/** An ONNX graph in the making: operators, and the constants they work with. */
export class Graph {
  readonly #nodes: Uint8Array[] = [];
  readonly #constants: Uint8Array[] = [];

  /**
   * Adds an operator.
   * @param inputs - Names of values.
   * @returns The name of its output: `output`, or a new one.
   */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    output = `value_${this.#nodes.length}`,
  ): string {
    this.#nodes.push(
      message(1, [
        ...inputs.map((name) => text(1, name)),
        text(2, output),
        text(3, `${operator}_${this.#nodes.length}`),
        text(4, operator),
        ...Object.entries(attributes).map(([name, value]) => message(5, attribute(name, value))),
      ]),
    );
    return output;
  }

  /** Adds numbers under a name, which it returns. */
  constant(name: string, { shape, data }: FileArray): string {
    return this.#constant(name, elementType.float, shape, encodeFloat32(data));
  }

  /** Adds one number, which works with every shape, under a name. */
  scalar(name: string, value: number): string {
    return this.constant(name, { shape: [], data: Float32Array.of(value) });
  }

  /** Adds a shape, as an operator takes it, under a name. */
  shape(name: string, shape: Shape): string {
    const data = new Uint8Array(BigInt64Array.from(shape, BigInt).buffer);
    return this.#constant(name, elementType.int64, [shape.length], data);
  }

  /** The graph as a file. */
  encode(
    name: string,
    producer: { readonly name: string; readonly version: string },
    input: Port,
    output: Port,
  ): Uint8Array<ArrayBuffer> {
    return concatenate([
      int(1, irVersion),
      text(2, producer.name),
      text(3, producer.version),
      message(7, [
        ...this.#nodes,
        text(2, name),
        ...this.#constants,
        message(11, port(input)),
        message(12, port(output)),
      ]),
      // Of the operators without a domain: ONNX's own.
      message(8, [int(2, opset)]),
    ]);
  }

  #constant(name: string, type: number, shape: Shape, data: Uint8Array): string {
    this.#constants.push(
      message(5, [...shape.map((dim) => int(1, dim)), int(2, type), text(8, name), bytes(9, data)]),
    );
    return name;
  }
}
