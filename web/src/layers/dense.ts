import type { KerasConverters } from '../io/keras/layer.js';
import type { OnnxConverter } from '../io/onnx/layer.js';
import type { ArgumentNames, TypeName } from '../registry.js';
import type { Tensor } from '../tensor.js';
import type { LayerOptions } from './built-in-layer.js';
import type { Initialization } from './layer.js';
import { WeightedLayer } from './weighted-layer.js';

/** Options of {@link Dense}. */
export interface DenseOptions extends LayerOptions {
  /** Number of input features; by default taken from the layer before. */
  readonly inputSize?: number | undefined;
  /**
   * How weights are drawn: 'he', 'xavier', or 'auto' (the default), which lets
   * a model decide by the activation that follows.
   */
  readonly initialization?: Initialization | undefined;
  /** Leaves out the biases. Default false. */
  readonly noBias?: boolean | undefined;
}

/**
 * Fully connected layer: Y = X W + b, X of shape [batch, inputSize], Y of
 * shape [batch, outputSize].
 */
export class Dense extends WeightedLayer {
  static override readonly type: TypeName<'Dense'> = 'Dense';
  static override readonly positional: ArgumentNames<['outputSize']> = ['outputSize'];
  static override readonly onnx: OnnxConverter = (layer) =>
    layer.node('Gemm', [layer.input, ...layer.parameters()]);
  static override readonly keras: KerasConverters = {
    Dense: (layer) => {
      const [inputSize, outputSize] = [layer.vector(), layer.size('units')];
      const noBias = !layer.flag('use_bias', true);
      layer.load('weights', [inputSize, outputSize], 'kernel');
      layer.shape = [outputSize];
      if (!noBias) layer.load('biases', [1, outputSize], 'bias', [outputSize]);
      return { outputSize, inputSize, noBias };
    },
  };

  /**
   * @param outputSize - Number of neurons.
   * @throws {@link ArgumentTypeError} or {@link ValueError} unless sizes are
   * whole numbers of at least 1.
   */
  constructor(outputSize: number, options: DenseOptions = {}) {
    super(options, 'inputSize', { outputSize });
  }

  override get outputSize(): number {
    return this.getConfig()['outputSize'] as number;
  }

  /** Weight matrix [inputSize, outputSize], live. */
  get weights(): Tensor {
    return this.param('weights') as Tensor;
  }
}
