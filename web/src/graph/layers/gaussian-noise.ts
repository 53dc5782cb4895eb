import type { KerasConverters } from '../../io/keras/layer.js';
import type { OnnxConverter } from '../../io/onnx/layer.js';
import { BuiltInLayer, type LayerOptions } from '../../layers/built-in-layer.js';
import type { ArgumentNames, TypeName } from '../../registry.js';

/**
 * Adds a draw from a normal distribution of mean 0 to each element while training; passes everything
 * through at inference. Takes samples of any shape, which stays. The draws are new in every training
 * pass and follow the model's seed. Source of the draws: Box, Muller, 1958.
 * @example new GaussianNoise(0.1)
 */
export class GaussianNoise extends BuiltInLayer {
  static override readonly type: TypeName<'GaussianNoise'> = 'GaussianNoise';
  static override readonly positional: ArgumentNames<['standardDeviation']> = ['standardDeviation'];
  // Passes everything through: exported models are for inference.
  static override readonly onnx: OnnxConverter = ({ input }) => input;
  static override readonly keras: KerasConverters = {
    GaussianNoise: (layer) => ({ standardDeviation: layer.number('stddev', NaN) }),
  };

  /**
   * @param standardDeviation - Of the draws; finite, at least 0.
   * @throws {@link ValueError} for another number, {@link ArgumentTypeError} for anything else.
   */
  constructor(standardDeviation: number, options: LayerOptions = {}) {
    super(options, 'inputShape', { standardDeviation });
  }

  /** Standard deviation of the draws. */
  get standardDeviation(): number {
    return this.getConfig()['standardDeviation'] as number;
  }
}
