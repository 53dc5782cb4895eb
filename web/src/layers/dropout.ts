import type { KerasConverters } from '../io/keras/layer.js';
import type { OnnxConverter } from '../io/onnx/layer.js';
import type { ArgumentNames, TypeName } from '../registry.js';
import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';

/**
 * Sets each element to zero with `probability` while training, and scales the
 * others by 1 / (1 - probability); passes everything through at inference.
 * The mask is new in every training pass and follows the model's seed.
 */
export class Dropout extends BuiltInLayer {
  static override readonly type: TypeName<'Dropout'> = 'Dropout';
  static override readonly positional: ArgumentNames<['probability']> = ['probability'];
  // Passes everything through: exported models are for inference.
  static override readonly onnx: OnnxConverter = ({ input }) => input;
  static override readonly keras: KerasConverters = {
    Dropout: (layer) => ({ probability: layer.number('rate', 0.5) }),
  };

  /**
   * @param probability - Fraction of elements to drop, from 0 to 1. Default 0.5.
   * @throws {@link ValueError} outside that range.
   */
  constructor(probability = 0.5, options: LayerOptions = {}) {
    super(options, 'inputShape', { probability });
  }

  /** Fraction of elements to drop. */
  get probability(): number {
    return this.getConfig()['probability'] as number;
  }
}
