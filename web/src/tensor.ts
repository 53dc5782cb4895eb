import { ArgumentTypeError, describe, ShapeError, ValueError } from './runtime/errors.js';
import { Handle, nativeArgument, nativeOf } from './runtime/handle.js';
import { native } from './runtime/init.js';
import type { NativeTensor } from './runtime/native.js';
import { checkShape } from './runtime/checks.js';

/** Dimensions, outermost first. Images are [N, C, H, W]. */
export type Shape = readonly number[];

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

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Throws unless `list` has numbers by index; BigInts are none. */
export function checkNumbers(what: string, list: unknown): asserts list is ArrayLike<number> {
  const { length } = Object(list) as { length?: unknown };
  const isBig = list instanceof BigInt64Array || list instanceof BigUint64Array;
  if (typeof list === 'object' && typeof length === 'number' && !isBig) return;
  throw new ArgumentTypeError(
    `${what} must be an array or typed array of numbers, got ${describe(list)}`,
  );
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
    if (values.length !== this.size) {
      throw new ShapeError(
        `Tensor.set: shape [${this.shape.join(', ')}] wants ${this.size} numbers, ` +
          `got ${values.length}`,
      );
    }
    this.view().set(values);
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

/** Shape of nested arrays; throws where a list differs in length or kind from its neighbours. */
function nestedShape(what: string, data: NestedNumbers): number[] {
  const shape: number[] = [];
  for (let level: unknown = data; Array.isArray(level); level = level[0]) shape.push(level.length);
  const check = (item: unknown, depth: number): void => {
    const wanted = shape[depth];
    if (wanted === undefined ? typeof item !== 'number' : !Array.isArray(item)) {
      throw new ArgumentTypeError(
        `${what}: expected ${wanted === undefined ? 'a number' : 'an array'} at depth ` +
          `${depth}, got ${describe(item)}`,
      );
    }
    if (wanted === undefined) return;
    const list = item as readonly unknown[];
    if (list.length !== wanted) {
      throw new ShapeError(
        `${what}: ragged nested arrays: expected ${wanted} items at depth ` +
          `${depth}, got ${list.length}`,
      );
    }
    for (const inner of list) check(inner, depth + 1);
  };
  check(data, 0);
  return shape;
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

function shapeFor(count: number, shape: Shape): Shape {
  checkShape('tensor: shape', shape);
  const size = sizeOf(shape);
  if (size === count) return shape;
  throw new ShapeError(`tensor: shape [${shape.join(', ')}] wants ${size} numbers, got ${count}`);
}

/** As {@link tensor}, for an argument that errors call `what`. */
export function tensorFrom(what: string, data: TensorData, shape?: Shape): Tensor {
  const engine = native('tensor');
  checkNumbers(what, data);
  let flat: ArrayLike<number> = data;
  let own: Shape = [flat.length];
  if (Array.isArray(data)) {
    own = nestedShape(what, data as NestedNumbers);
    if (own.length > 1) flat = data.flat(own.length - 1) as number[];
  }
  const result = new Tensor(engine.createTensor(shape ? shapeFor(flat.length, shape) : own));
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
  checkShape('tensor: shape', shape);
  return new Tensor(native('zeros').createTensor(shape));
}

/**
 * Class numbers as rows of zeros with a one: shape [labels.length, classes].
 *
 * @throws {@link ValueError} for a label that is not in 0 … classes - 1,
 * {@link ArgumentTypeError} when the labels are no list.
 */
export function oneHot(labels: ArrayLike<number>, classes: number): Tensor {
  checkNumbers('oneHot: labels', labels);
  const rows = zeros([labels.length, classes]);
  const view = rows.view();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
      rows.dispose();
      throw new ValueError(
        `oneHot: labels must be whole numbers from 0 to ${classes - 1}, ` +
          `got ${describe(label)} at ${i}`,
      );
    }
    view[i * classes + label] = 1;
  }
  return rows;
}
