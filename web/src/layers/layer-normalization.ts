import type { KerasConverters } from '../io/keras/layer.js';
import type { OnnxConverter } from '../io/onnx/layer.js';
import type { TypeName } from '../registry.js';
import type { Tensor } from '../tensor.js';
import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';

/** Options of {@link LayerNormalization}. */
export interface LayerNormalizationOptions extends LayerOptions {
  /** Added to the variance, at least 0. Default 1e-5. */
  readonly epsilon?: number | undefined;
}

/**
 * Layer normalization (Ba, Kiros, Hinton, 2016): every sample is normalized by
 * the mean and variance of all its numbers, then scaled by gamma and shifted by
 * beta; the same in training and inference.
 */
export class LayerNormalization extends BuiltInLayer {
  static override readonly type: TypeName<'LayerNormalization'> = 'LayerNormalization';
  static override readonly onnx: OnnxConverter = (layer) =>
    layer.node('LayerNormalization', [layer.input, ...layer.parameters(layer.inputShape)], {
      axis: 1,
      epsilon: { float: layer.number('epsilon') },
    });
  static override readonly keras: KerasConverters = {
    LayerNormalization: (layer) => {
      const features = layer.vector();
      layer.wantsChannelAxis();
      layer.wants('scale', true);
      layer.wants('center', true);
      layer.wants('rms_scaling', false);
      for (const name of ['gamma', 'beta']) layer.load(name, [1, features], name, [features]);
      return { epsilon: layer.number('epsilon', 1e-3) };
    },
  };

  /** @throws {@link ValueError} unless epsilon is finite and at least 0. */
  constructor(options: LayerNormalizationOptions = {}) {
    super(options, 'epsilon');
  }

  /** Added to the variance. */
  get epsilon(): number {
    return this.getConfig()['epsilon'] as number;
  }

  /** Scale [1, ...inputShape], live. */
  get gamma(): Tensor {
    return this.param('gamma') as Tensor;
  }

  /** Shift [1, ...inputShape], live. */
  get beta(): Tensor {
    return this.param('beta') as Tensor;
  }
}
