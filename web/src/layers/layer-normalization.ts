import type { KerasConverters } from '../io/keras/layer.js';
import type { OnnxConverter } from '../io/onnx/layer.js';
import type { TypeName } from '../registry.js';
import type { Tensor } from '../tensor.js';
import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';

/** Options of {@link LayerNormalization}. */
export interface LayerNormalizationOptions extends LayerOptions {
  /** Added to the variance, at least 0. Default 1e-5. */
  readonly epsilon?: number | undefined;
  /**
   * The axis of a sample, from the end if negative, whose numbers are normalized, those of each place
   * of the others: -1 for the features of each step of a sequence, 0 for the channels of each pixel
   * of an image. By default all numbers of a sample are normalized together.
   */
  readonly axis?: number | undefined;
}

/**
 * Layer normalization (Ba, Kiros, Hinton, 2016): every sample is normalized by
 * the mean and variance of all its numbers, or of those along an axis, then scaled by gamma and
 * shifted by beta; the same in training and inference.
 */
export class LayerNormalization extends BuiltInLayer {
  static override readonly type: TypeName<'LayerNormalization'> = 'LayerNormalization';
  static override readonly onnx: OnnxConverter = (layer) => layer.layerNormalization();
  static override readonly keras: KerasConverters = {
    LayerNormalization: (layer) => layer.layerNormalization(),
  };

  /** @throws {@link ValueError} unless epsilon is finite and at least 0. */
  constructor(options: LayerNormalizationOptions = {}) {
    super(options, 'epsilon');
  }

  /** Added to the variance. */
  get epsilon(): number {
    return this.getConfig()['epsilon'] as number;
  }

  /** The axis whose numbers are normalized; undefined for all numbers of a sample. */
  get axis(): number | undefined {
    return this.getConfig()['axis'] as number | undefined;
  }

  /** Scale [1, ...inputShape], or [1, size of the axis], live. */
  get gamma(): Tensor {
    return this.param('gamma') as Tensor;
  }

  /** Shift [1, ...inputShape], or [1, size of the axis], live. */
  get beta(): Tensor {
    return this.param('beta') as Tensor;
  }
}
