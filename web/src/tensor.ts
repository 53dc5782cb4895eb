import { lengthOf, readNumbers } from './data/numbers.js';
import { ArgumentTypeError, describe, ShapeError, ValueError } from './runtime/errors.js';
import { Handle, nativeArgument, nativeOf } from './runtime/handle.js';
import { native } from './runtime/init.js';
import type { NativeTensor } from './runtime/native.js';
import { checkShape, having, wholeNumber } from './runtime/checks.js';
import { checkSize, type Shape, sizeOf } from './shape.js';

/** Numbers nested to any depth; every list of one level equally long. */
export type NestedNumbers = readonly (number | NestedNumbers)[];

/** Numbers that {@link tensor} takes: nested arrays, or a flat array, such as a canvas gives. */
export type TensorData =
  | NestedNumbers
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

const isMade = /* @__PURE__ */ having('made by tensor(), zeros() or oneHot()', 'reshaped');

/**
 * Dense float32 numbers, row-major, in WebAssembly memory. Made by
 * {@link tensor}. Tensors that layers return may share the layer's memory, but
 * are never overwritten by its next call.
 */
export class Tensor extends Handle<NativeTensor> {
  /** @internal */
  constructor(native: NativeTensor) {
    isMade('Tensor', native);
    super(native, 'Tensor');
  }

  /** Dimensions, outermost first. */
  get shape(): Shape {
    return nativeOf(this).shape();
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The elements, copied, row-major. */
  toArray(): Float32Array<ArrayBuffer> {
    return Float32Array.from(this.view());
  }

  /** The elements, copied, as arrays nested as the shape says. */
  toNestedArray(): NestedNumbers {
    const nest = (values: readonly number[], shape: Shape): NestedNumbers => {
      const [outer = 0, ...inner] = shape;
      if (inner.length === 0) return values;
      const step = values.length / outer;
      return Array.from({ length: outer }, (_, i) =>
        nest(values.slice(i * step, (i + 1) * step), inner),
      );
    };
    return nest(Array.from(this.view()), this.shape);
  }

  /**
   * The elements themselves, without a copy: writing changes the tensor. Goes
   * stale (length 0) when WebAssembly memory grows, which any later call into
   * lamella may cause: use it at once and ask again next time.
   */
  view(): Float32Array {
    return nativeOf(this).view();
  }

  /**
   * Overwrites the elements, all or none.
   *
   * @throws {@link ShapeError} unless there are exactly `size` numbers,
   * {@link ArgumentTypeError} for anything but a list, {@link ValueError} for anything but numbers
   * in it.
   */
  set(values: ArrayLike<number>): void {
    checkSize('Tensor.set', this.shape, lengthOf('Tensor.set: values', values));
    const numbers = readNumbers('Tensor.set: values', values);
    this.view().set(numbers);
  }

  /**
   * The same elements, shared, under another shape.
   *
   * @throws {@link ShapeError} unless the sizes agree.
   */
  reshape(shape: Shape): Tensor {
    checkShape('reshape: shape', shape);
    return tensorOf(nativeOf(this).reshaped(shape));
  }

  /** A tensor of its own with equal elements. */
  clone(): Tensor {
    return tensorOf(nativeOf(this).copy());
  }
}

// Not inside the class: esbuild calls a class that mentions itself _Tensor.
function tensorOf(tensor: NativeTensor): Tensor {
  return new Tensor(tensor);
}

/** The engine's tensors have no more dimensions: kMaxRank of shape.h. */
const maxRank = 8;

/**
 * Shape and numbers of nested arrays, each item read once.
 *
 * @throws {@link ShapeError} where a list differs in length from its neighbours,
 * {@link ArgumentTypeError} where an item differs in kind.
 */
function flatten(what: string, data: NestedNumbers): { shape: number[]; numbers: number[] } {
  const shape: number[] = [];
  for (let level: unknown = data; Array.isArray(level); level = level[0]) {
    // Also an array that holds itself ends here.
    if (shape.push(level.length) > maxRank) {
      throw new ShapeError(`${what}: must have at most ${maxRank} dimensions`);
    }
  }
  const numbers: number[] = [];
  const fail = (wanted: string, depth: number, item: unknown): never => {
    throw new ArgumentTypeError(
      `${what}: expected ${wanted} at depth ${depth}, got ${describe(item)}`,
    );
  };
  const add = (item: unknown, depth: number): void => {
    if (depth === shape.length) {
      numbers.push(typeof item === 'number' ? item : fail('a number', depth, item));
      return;
    }
    const list: readonly unknown[] = Array.isArray(item) ? item : fail('an array', depth, item);
    if (list.length !== shape[depth]) {
      throw new ShapeError(
        `${what}: ragged nested arrays: expected ${shape[depth]} items at depth ` +
          `${depth}, got ${list.length}`,
      );
    }
    for (const inner of list) add(inner, depth + 1);
  };
  add(data, 0);
  return { shape, numbers };
}

/**
 * Makes a tensor from numbers, copying them in once. The shape of nested
 * arrays is their own; a flat list may be given another one.
 *
 * @example tensor([[1, 2], [3, 4]]) // shape [2, 2]
 * @example tensor(new Float32Array(784), [1, 1, 28, 28])
 * @throws {@link ShapeError} when the number of elements is not the shape's or
 * nested arrays are ragged, {@link ArgumentTypeError} for anything but numbers,
 * {@link StateError} before `init()`.
 */
export function tensor(data: TensorData, shape?: Shape): Tensor {
  return tensorFrom('tensor: data', data, shape);
}

/** As {@link tensor}, for an argument that errors call `what`. */
export function tensorFrom(what: string, data: TensorData, shape?: Shape): Tensor {
  const engine = native('tensor');
  const nested = Array.isArray(data) && flatten(what, data as NestedNumbers);
  let numbers = nested ? nested.numbers : readNumbers(what, data);
  const own = nested ? nested.shape : [numbers.length];
  if (shape !== undefined) checkShape('tensor: shape', shape);
  checkSize('tensor', shape ?? own, numbers.length);
  // A view of the engine's memory would go stale when that grows.
  const { buffer } = engine.wasmMemory as WebAssembly.Memory;
  if (ArrayBuffer.isView(numbers) && numbers.buffer === buffer) numbers = Array.from(numbers);
  const result = new Tensor(engine.createTensor(shape ?? own));
  result.view().set(numbers);
  return result;
}

/**
 * The native tensor behind an argument that must be a tensor already.
 *
 * @throws {@link ArgumentTypeError} for anything else.
 */
export function nativeTensor(what: string, value: Tensor): NativeTensor {
  return nativeArgument(`${what} must be a Tensor`, Tensor, value);
}

/**
 * A tensor of zeros.
 *
 * @throws {@link ValueError} for dimensions that are not whole numbers of at
 * least 0, {@link StateError} before `init()`.
 */
export function zeros(shape: Shape): Tensor {
  checkShape('zeros: shape', shape);
  return new Tensor(native('zeros').createTensor(shape));
}

/**
 * Class numbers as rows of zeros with a one: shape [labels.length, classes].
 *
 * @throws {@link ValueError} for a label that is not in 0 … classes - 1,
 * {@link ArgumentTypeError} when the labels are no list or `classes` is no number.
 */
export function oneHot(labels: ArrayLike<number>, classes: number): Tensor {
  wholeNumber('oneHot: classes', classes);
  const numbers = Array.from(readNumbers('oneHot: labels', labels));
  const wrong = numbers.findIndex(
    (label) => !(Number.isInteger(label) && label >= 0 && label < classes),
  );
  if (wrong >= 0) {
    throw new ValueError(
      `oneHot: labels must be whole numbers from 0 to ${classes - 1}, ` +
        `got ${numbers[wrong]} at ${wrong}`,
    );
  }
  const rows = zeros([numbers.length, classes]);
  const view = rows.view();
  numbers.forEach((label, i) => (view[i * classes + label] = 1));
  return rows;
}
