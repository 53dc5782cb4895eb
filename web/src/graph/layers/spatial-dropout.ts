import type { KerasConverters } from '../../io/keras/layer.js';
import type { OnnxConverter } from '../../io/onnx/layer.js';
import { BuiltInLayer, type LayerOptions } from '../../layers/built-in-layer.js';
import type { ArgumentNames, TypeName } from '../../registry.js';

/**
 * Dropout of whole channels, for images, whose neighbouring pixels say the same: sets each channel of
 * each image [channels, height, width] to zero with `probability` while training, and scales the others
 * by 1 / (1 - probability); passes everything through at inference. The choice is new in every training
 * pass and follows the model's seed. Source: Tompson et al., "Efficient object localization using
 * convolutional networks", 2015, section 3.2.
 * @example new SpatialDropout2D(0.2)
 */
export class SpatialDropout2D extends BuiltInLayer {
  static override readonly type: TypeName<'SpatialDropout2D'> = 'SpatialDropout2D';
  static override readonly positional: ArgumentNames<['probability']> = ['probability'];
  // Passes everything through: exported models are for inference.
  static override readonly onnx: OnnxConverter = ({ input }) => input;
  static override readonly keras: KerasConverters = {
    SpatialDropout2D: (layer) => ({ probability: layer.number('rate', 0.5) }),
  };

  /**
   * @param probability - Fraction of channels to drop, from 0 to 1. Default 0.5.
   * @throws {@link ValueError} outside that range. `build()` throws {@link ShapeError} unless samples are
   * images.
   */
  constructor(probability = 0.5, options: LayerOptions = {}) {
    super(options, 'inputShape', { probability });
  }

  /** Fraction of channels to drop. */
  get probability(): number {
    return this.getConfig()['probability'] as number;
  }
}
