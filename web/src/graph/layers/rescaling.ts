import type { KerasConverters } from '../../io/keras/layer.js';
import type { OnnxConverter } from '../../io/onnx/layer.js';
import { BuiltInLayer, type LayerOptions } from '../../layers/built-in-layer.js';
import type { ArgumentNames, TypeName } from '../../registry.js';

/** Options of {@link Rescaling}. */
export interface RescalingOptions extends LayerOptions {
  /** Added to the product; finite. Default 0. */
  readonly offset?: number | undefined;
}

/**
 * x * scale + offset, in training as in inference. Takes samples of any shape, which stays.
 * @example new Rescaling(1 / 127.5, { offset: -1 }) // [0, 255] to [-1, 1]
 */
export class Rescaling extends BuiltInLayer {
  static override readonly type: TypeName<'Rescaling'> = 'Rescaling';
  static override readonly positional: ArgumentNames<['scale']> = ['scale'];
  static override readonly onnx: OnnxConverter = (layer) => {
    const scale = layer.scalar('scale', layer.number('scale'));
    const offset = layer.scalar('offset', layer.number('offset'));
    return layer.node('Add', [layer.node('Mul', [layer.input, scale]), offset]);
  };
  static override readonly keras: KerasConverters = {
    Rescaling: (layer) => {
      const numbers = [layer.setting('scale'), layer.setting('offset')];
      if (numbers.some(Array.isArray)) {
        throw layer.unsupported(
          'scale and offset must be one number each, not one for each channel',
        );
      }
      return { scale: layer.number('scale', NaN), offset: layer.number('offset', 0) };
    },
  };

  /**
   * @param scale - Multiplies the input; finite.
   * @throws {@link ValueError} unless scale and offset are finite, also as float32;
   * {@link ArgumentTypeError} without a scale.
   */
  constructor(scale: number, options: RescalingOptions = {}) {
    super(options, 'offset', { scale });
  }

  /** Multiplies the input. */
  get scale(): number {
    return this.getConfig()['scale'] as number;
  }

  /** Added to the product. */
  get offset(): number {
    return this.getConfig()['offset'] as number;
  }
}
