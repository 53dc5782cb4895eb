import { ArgumentTypeError, describe, ShapeError, ValueError } from './runtime/errors.js';
import { Handle, nativeArgument, nativeOf } from './runtime/handle.js';
import { native } from './runtime/init.js';
import type { NativeTensor } from './runtime/native.js';
import { reject, toShape, wholeNumber } from './runtime/checks.js';

/** Dimensions, outermost first. Images are [N, C, H, W]. */
export type Shape = readonly number[];

/** Numbers nested to any depth; every list of one level equally long. */
export type NestedNumbers = readonly (number | NestedNumbers)[];

/** Numbers that {@link tensor} takes: nested arrays, or a flat array. */
export type TensorData = NestedNumbers | Float32Array | Float64Array | Uint8Array | Int32Array;

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Whether the memory of a typed array went elsewhere: to a worker, say. */
function isDetached({ buffer }: ArrayBufferView): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** Throws unless `list` has numbers by index; BigInts are none. */
export function checkNumbers(what: string, list: unknown): asserts list is ArrayLike<number> {
  const { length } = Object(list) as { length?: unknown };
  const isBig = list instanceof BigInt64Array || list instanceof BigUint64Array;
  const isList = typeof list === 'object' && Number.isSafeInteger(length) && !isBig;
  if (!isList || (length as number) < 0) reject(what, 'an array or typed array of numbers', list);
  if (length === 0 && ArrayBuffer.isView(list) && isDetached(list)) {
    throw new ArgumentTypeError(`${what} is a detached array: its memory was transferred`);
  }
}

/** Throws unless a value of a list, at a place, is a number that is as finite in float32. */
function checkNumber(what: string, value: unknown, place: () => string): void {
  if (typeof value !== 'number') {
    throw new ArgumentTypeError(`${what}: expected a number ${place()}, got ${describe(value)}`);
  }
  if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
    throw new ValueError(`${what}: float32 cannot hold ${value} ${place()}`);
  }
}

/**
 * A list of `length` numbers such that reading it runs no code of somebody else's: itself, if
 * float32 holds all that is in it, or a checked copy.
 */
function plainNumbers(what: string, list: ArrayLike<number>, length: number): ArrayLike<number> {
  if (ArrayBuffer.isView(list) && !(list instanceof Float64Array)) return list;
  const copy: number[] | Float32Array = ArrayBuffer.isView(list) ? new Float32Array(length) : [];
  for (let i = 0; i < length; i++) {
    const value: unknown = list[i];
    checkNumber(what, value, () => `at ${i}`);
    copy[i] = value as number;
  }
  return copy;
}

/**
 * Dense float32 numbers, row-major, in WebAssembly memory. Made by
 * {@link tensor}. Tensors that layers return may share the layer's memory, but
 * are never overwritten by its next call.
 */
export class Tensor extends Handle<NativeTensor> {
  protected override get label(): string {
    return 'Tensor';
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
   * Overwrites the elements.
   *
   * @throws {@link ShapeError} unless there are exactly `size` numbers,
   * {@link ArgumentTypeError} for anything but a list.
   */
  set(values: ArrayLike<number>): void {
    checkNumbers('Tensor.set: values', values);
    const { length } = values;
    if (length !== this.size) {
      throw new ShapeError(
        `Tensor.set: shape [${this.shape.join(', ')}] wants ${this.size} numbers, got ${length}`,
      );
    }
    const plain = plainNumbers('Tensor.set: values', values, length);
    this.view().set(plain);
  }

  /**
   * The same elements, shared, under another shape.
   *
   * @throws {@link ShapeError} unless the sizes agree.
   */
  reshape(shape: Shape): Tensor {
    const own = toShape('Tensor.reshape: shape', shape);
    return tensorOf(nativeOf(this).reshaped(own));
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

/** Dimensions that a tensor may have: kMaxRank of cpp/tensor/shape.h. */
const maxRank = 8;

/**
 * The numbers of nested arrays and their shape; throws where a list differs in length or kind from
 * its neighbours.
 */
function flatten(what: string, data: NestedNumbers): { shape: number[]; flat: number[] } {
  const shape: number[] = [];
  for (let level: unknown = data; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
    // Also an array that holds itself.
    if (shape.length > maxRank) {
      throw new ShapeError(`${what}: arrays are nested at most ${maxRank} deep`);
    }
  }
  const flat: number[] = [];
  const add = (item: unknown, depth: number): void => {
    const wanted = shape[depth];
    if (wanted === undefined) {
      checkNumber(what, item, () => `at depth ${depth}`);
      flat.push(item as number);
      return;
    }
    if (!Array.isArray(item)) {
      throw new ArgumentTypeError(
        `${what}: expected an array at depth ${depth}, got ${describe(item)}`,
      );
    }
    if (item.length !== wanted) {
      throw new ShapeError(
        `${what}: ragged nested arrays: expected ${wanted} items at depth ` +
          `${depth}, got ${item.length}`,
      );
    }
    for (let i = 0; i < wanted; i++) add(item[i], depth + 1);
  };
  add(data, 0);
  return { shape, flat };
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

function shapeFor(count: number, given: Shape): Shape {
  const shape = toShape('tensor: shape', given);
  const size = sizeOf(shape);
  if (size === count) return shape;
  throw new ShapeError(`tensor: shape [${shape.join(', ')}] wants ${size} numbers, got ${count}`);
}

/** As {@link tensor}, for an argument that errors call `what`. */
export function tensorFrom(what: string, data: TensorData, shape?: Shape): Tensor {
  const engine = native('tensor');
  checkNumbers(what, data);
  const { length } = data;
  const { flat, shape: own } = Array.isArray(data)
    ? flatten(what, data as NestedNumbers)
    : { flat: plainNumbers(what, data, length), shape: [length] };
  const wanted = (shape as Shape | null | undefined) ?? undefined;
  const result = new Tensor(engine.createTensor(wanted ? shapeFor(flat.length, wanted) : own));
  result.view().set(flat);
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
  return new Tensor(native('zeros').createTensor(toShape('zeros: shape', shape)));
}

/**
 * Class numbers as rows of zeros with a one: shape [labels.length, classes].
 *
 * @throws {@link ValueError} for a label that is not in 0 … classes - 1,
 * {@link ArgumentTypeError} when the labels are no list.
 */
export function oneHot(labels: ArrayLike<number>, classes: number): Tensor {
  checkNumbers('oneHot: labels', labels);
  wholeNumber('oneHot: classes', classes);
  const { length } = labels;
  const rows = zeros([length, classes]);
  try {
    const own = plainNumbers('oneHot: labels', labels, length);
    const view = rows.view();
    for (let i = 0; i < length; i++) {
      const label = own[i] as number;
      if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
        throw new ValueError(
          `oneHot: labels must be whole numbers from 0 to ${classes - 1}, got ${label} at ${i}`,
        );
      }
      view[i * classes + label] = 1;
    }
    return rows;
  } catch (error) {
    rows.dispose();
    throw error;
  }
}
