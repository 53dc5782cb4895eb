import type { AxisOptions } from '../axis.js';
import type { KerasConverters } from '../io/keras/layer.js';
import type { OnnxConverter } from '../io/onnx/layer.js';
import type { ArgumentNames, TypeName } from '../registry.js';
import type { Tensor } from '../tensor.js';
import type { LayerOptions } from './built-in-layer.js';
import type { Initialization } from './layer.js';
import { WeightedLayer } from './weighted-layer.js';

/** Options of {@link Dense}. */
export interface DenseOptions extends LayerOptions, AxisOptions {
  /** Number of numbers of an input vector; by default taken from the layer before. */
  readonly inputSize?: number | undefined;
  /** How weights are drawn. Default 'auto': a model decides by the activation that follows. */
  readonly initialization?: Initialization | undefined;
  /** Leaves out the biases. Default false. */
  readonly noBias?: boolean | undefined;
}

/**
 * Fully connected layer: Y = X W + b, X of shape [batch, inputSize], Y of
 * shape [batch, outputSize]. Of sequences [batch, time, features] and images
 * [batch, channels, height, width] it changes the features of each step and the channels of each
 * pixel, with the same weights; a {@link Flatten} before it makes one vector of each sample.
 */
export class Dense extends WeightedLayer {
  static override readonly type: TypeName<'Dense'> = 'Dense';
  static override readonly positional: ArgumentNames<['outputSize']> = ['outputSize'];
  static override readonly onnx: OnnxConverter = (layer) => layer.dense();
  static override readonly keras: KerasConverters = {
    Dense: (layer) => layer.dense(),
  };

  /**
   * @param outputSize - Number of neurons.
   * @throws {@link ArgumentTypeError} or {@link ValueError} unless sizes are
   * whole numbers of at least 1.
   * @example new Model([new Dense(4), new ReLU(), new Dense(1)], { inputShape: [20, 3] }) // 20 steps
   */
  constructor(outputSize: number, options: DenseOptions = {}) {
    super(options, 'inputSize', { outputSize });
  }

  /** Number of neurons: of elements of a vector coming out. */
  override get outputSize(): number {
    return this.getConfig()['outputSize'] as number;
  }

  /** The axis of the features, unless it is the usual one. */
  get axis(): number | undefined {
    return this.getConfig()['axis'] as number | undefined;
  }

  /** Weight matrix [inputSize, outputSize], live. */
  get weights(): Tensor {
    return this.param('weights') as Tensor;
  }
}
