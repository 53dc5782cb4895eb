// Layers that make one value of several.
import type { AxisOptions } from '../../axis.js';
import type { OnnxLayer } from '../../io/onnx/layer.js';
import { BuiltInLayer } from '../../layers/built-in-layer.js';
import type { NoOptions } from '../../losses.js';
import type { TypeName } from '../../registry.js';

/** Adds the operator of a layer that takes several values, which it is given by name. */
type MergeConverter = (layer: OnnxLayer, values: readonly string[]) => string;

/** Common part of the layers that take several values. They work in a graph alone. */
export abstract class MergeLayer extends BuiltInLayer {
  /** @internal */
  static readonly onnxMerge: MergeConverter;
}

/**
 * The sum of values of one shape.
 * @example const sum = new Add().apply([left, right]);
 */
export class Add extends MergeLayer {
  static override readonly type: TypeName<'Add'> = 'Add';
  static override readonly onnxMerge: MergeConverter = (layer, values) => layer.node('Sum', values);

  constructor(options: NoOptions = {}) {
    super(options);
  }
}

/**
 * The mean of values of one shape.
 * @example const mean = new Average().apply([left, right]);
 */
export class Average extends MergeLayer {
  static override readonly type: TypeName<'Average'> = 'Average';
  static override readonly onnxMerge: MergeConverter = (layer, values) =>
    layer.node('Mean', values);

  constructor(options: NoOptions = {}) {
    super(options);
  }
}

/**
 * The greatest of the numbers of values of one shape, at each place. NaN stays NaN; equals share the
 * gradient.
 * @example const greatest = new Maximum().apply([left, right]);
 */
export class Maximum extends MergeLayer {
  static override readonly type: TypeName<'Maximum'> = 'Maximum';
  static override readonly onnxMerge: MergeConverter = (layer, values) => layer.node('Max', values);

  constructor(options: NoOptions = {}) {
    super(options);
  }
}

/**
 * The product of values. One with 1 in the place of its last dimensions stands for all along them:
 * weights of channels [C, 1, 1] for images [C, H, W], as in squeeze-and-excitation (Hu, Shen, Sun, 2018).
 * @throws {@link ShapeError} from `apply` for other shapes.
 * @example const weighted = new Multiply().apply([image, new Reshape([16, 1, 1]).apply(weights)]);
 */
export class Multiply extends MergeLayer {
  static override readonly type: TypeName<'Multiply'> = 'Multiply';
  static override readonly onnxMerge: MergeConverter = (layer, values) =>
    values.reduce((product, value) => layer.node('Mul', [product, value]));

  constructor(options: NoOptions = {}) {
    super(options);
  }
}

/**
 * Values one behind the other along an axis, by default that of the features or channels: the last of
 * vectors and sequences, the first of images.
 * @throws {@link ShapeError} from `apply` for values that differ along another axis.
 * @example const both = new Concatenate().apply([left, right]);
 * @example const longer = new Concatenate({ axis: 0 }).apply([first, second]); // of sequences
 */
export class Concatenate extends MergeLayer {
  static override readonly type: TypeName<'Concatenate'> = 'Concatenate';
  static override readonly onnxMerge: MergeConverter = (layer, values) =>
    layer.node('Concat', values, { axis: layer.axis + 1 });

  constructor(options: AxisOptions = {}) {
    super(options, 'axis');
  }
}
