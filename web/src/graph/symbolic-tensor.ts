import { BuiltInLayer } from '../layers/built-in-layer.js';
import { allLayers } from '../layers/chain.js';
import type { GraphValue, Layer } from '../layers/layer.js';
import { layerToConfig } from '../layers/layer.js';
import { layerFromConfig } from '../layers/registry.js';
import { checkOptions, toShape } from '../runtime/checks.js';
import {
  ArgumentTypeError,
  describe,
  LamellaError,
  showShape,
  UnsupportedError,
  ValueError,
} from '../runtime/errors.js';
import { native } from '../runtime/init.js';
import type { Shape } from '../shape.js';

/** A use of a layer. */
interface Call {
  readonly layer: Layer;
  readonly inputs: readonly SymbolicTensor[];
}

/**
 * A value in a graph of layers: an input, or what a layer makes of other values. It has a shape and
 * no numbers.
 * @example const hidden: SymbolicTensor = new Dense(8).apply(input([4]));
 */
export class SymbolicTensor implements GraphValue {
  /** Shape of a sample. */
  readonly shape: Shape;
  /** The input's name, or that of the layer's class. */
  readonly name: string;
  /** @internal The use of a layer that makes it; inputs have none. */
  readonly call: Call | undefined;

  /** @internal */
  constructor(shape: Shape, name: string, call?: Call) {
    this.shape = Object.freeze([...shape]);
    this.name = name;
    this.call = call;
  }

  /** @internal */
  feed(layer: Layer, values: readonly unknown[]): SymbolicTensor {
    return applyLayer(layer, values);
  }

  /** As errors and summaries show it. */
  toString(): string {
    return `${this.name} ${showShape(this.shape)}`;
  }
}

/**
 * Begins a graph: a value that a {@link Model} is given, for layers to take by their `apply`.
 * @param shape - Of a sample, without the batch; a number is that of vectors.
 * @param options - `name`, by which data may be given: default "input".
 * @throws {@link ValueError} and {@link ArgumentTypeError} unless all sizes are whole and at least 1.
 * @example
 * const image = input([1, 28, 28]);
 * const classes = new Dense(10).apply(new Flatten().apply(image));
 * const model = new Model({ inputs: image, outputs: classes });
 */
export function input(
  shape: number | Shape,
  options: { readonly name?: string | undefined } = {},
): SymbolicTensor {
  const dims = toShape('input: shape', shape);
  if (dims.length === 0 || dims.includes(0)) {
    throw new ValueError(`input: shape must have sizes of at least 1, got ${showShape(dims)}`);
  }
  const isName = (what: string, name: unknown): void => {
    if (typeof name !== 'string') {
      throw new ArgumentTypeError(`${what} must be a string, got ${describe(name)}`);
    }
  };
  const { name = 'input' } = checkOptions('input', options, { name: isName });
  return new SymbolicTensor(dims, name);
}

/** Layers that have been applied: to others they are known by the shape that they were built for. */
const applied = new WeakSet<Layer>();

/** The ranks and dimensions of shapes, as the engine takes several. */
export function shapeList(shapes: readonly Shape[]): number[] {
  return shapes.flatMap((shape) => [shape.length, ...shape]);
}

/** Whether a layer takes several values. */
export function isMerge(layer: Layer): boolean {
  return layer instanceof BuiltInLayer && native(layer.type).takesSeveral(layer.native);
}

/**
 * Another layer of the same configuration, for another use of a layer.
 * @throws {@link UnsupportedError} for one that is written in TypeScript: its numbers are its own.
 */
export function twinOf(layer: Layer): BuiltInLayer {
  if (allLayers([layer]).every((each) => each instanceof BuiltInLayer)) {
    const config = layerToConfig(layer);
    // It may be for inputs of another size.
    delete config['inputShape'];
    delete config['inputSize'];
    const twin = layerFromConfig(config);
    if (twin instanceof BuiltInLayer) return twin;
  }
  throw new UnsupportedError(
    `${layer.type}.apply: a layer of your own, or one that has such layers inside, can be applied once`,
  );
}

/** Builds a layer for what it takes; gives the shape that it makes. */
function outputShape(layer: Layer, shapes: readonly Shape[]): Shape {
  if (layer instanceof BuiltInLayer && isMerge(layer)) {
    native(layer.type).buildMerge(layer.native, shapeList(shapes));
  } else {
    layer.build(shapes[0] as Shape);
  }
  return layer.outputShape;
}

function applyLayer(layer: Layer, values: readonly unknown[]): SymbolicTensor {
  const call = `${layer.type}.apply`;
  const inputs = values.map((value) => {
    if (value instanceof SymbolicTensor) return value;
    throw new ArgumentTypeError(
      `${call}: input must be what input() or apply() made, got ${describe(value)}`,
    );
  });
  const least = isMerge(layer) ? 2 : 1;
  if (least === 1 ? inputs.length > 1 : inputs.length < least) {
    const wanted = least === 1 ? 'takes one input' : 'takes a list of at least 2 inputs';
    throw new ArgumentTypeError(`${call}: ${wanted}, got ${inputs.length}`);
  }
  const shapes = inputs.map(({ shape }) => shape);
  try {
    return new SymbolicTensor(shapeOfUse(layer, shapes), layer.type, { layer, inputs });
  } catch (error) {
    if (error instanceof LamellaError) {
      error.message += ` (${layer.type} is applied to ${inputs.map(String).join(' and ').slice(0, 150)})`;
    }
    throw error;
  }
}

/** The shape that a use of a layer makes. */
function shapeOfUse(layer: Layer, shapes: readonly Shape[]): Shape {
  if (!applied.has(layer)) {
    const shape = outputShape(layer, shapes);
    applied.add(layer);
    return shape;
  }
  const isAsBefore =
    allLayers([layer]).every((each) => each instanceof BuiltInLayer) &&
    !isMerge(layer) &&
    layer.inputShape.join() === (shapes[0] as Shape).join();
  if (isAsBefore) return layer.outputShape;
  const twin = twinOf(layer);
  try {
    return outputShape(twin, shapes);
  } finally {
    twin.dispose();
  }
}
