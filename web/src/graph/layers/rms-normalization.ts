import type { KerasConverters } from '../../io/keras/layer.js';
import type { OnnxConverter } from '../../io/onnx/layer.js';
import { BuiltInLayer, type LayerOptions } from '../../layers/built-in-layer.js';
import type { TypeName } from '../../registry.js';
import type { Tensor } from '../../tensor.js';

/** Options of {@link RMSNormalization}. */
export interface RMSNormalizationOptions extends LayerOptions {
  /** Added to the mean square, at least 0. Default 1e-6. */
  readonly epsilon?: number | undefined;
  /**
   * The axis of a sample, from the end if negative, whose numbers are normalized, those of each place
   * of the others: -1 for the features of each step of a sequence, 0 for the channels of each pixel
   * of an image. By default all numbers of a sample are normalized together.
   */
  readonly axis?: number | undefined;
}

/**
 * Root mean square normalization (Zhang, Sennrich, 2019): every sample is divided by the root of the mean
 * square of all its numbers, or of those along an axis, then scaled by gamma, gamma * x /
 * sqrt(mean(x^2) + epsilon); the same in training and inference. [N, ...] to the same shape.
 * @example new RMSNormalization({ axis: -1 }) // of sequences [N, time, features]
 */
export class RMSNormalization extends BuiltInLayer {
  static override readonly type: TypeName<'RMSNormalization'> = 'RMSNormalization';
  static override readonly onnx: OnnxConverter = (layer) => {
    const { input, inputShape } = layer;
    const all = layer.setting('axis') === undefined;
    const axes = all ? inputShape.map((_, i) => i + 1) : [layer.axis + 1];
    const along = inputShape.slice(layer.axis).map((size, i) => (i === 0 ? size : 1));
    const [gamma = ''] = layer.parameters(all ? inputShape : along);
    const square = layer.node('Mul', [input, input]);
    const mean = layer.node('ReduceMean', [square], { axes, keepdims: 1 });
    const epsilon = layer.scalar('epsilon', layer.number('epsilon'));
    const root = layer.node('Sqrt', [layer.node('Add', [mean, epsilon])]);
    return layer.node('Mul', [layer.node('Div', [input, root]), gamma]);
  };
  static override readonly keras: KerasConverters = {
    RMSNormalization: (layer) => {
      const axis = layer.onlyAxis();
      // Along another one Keras multiplies by numbers of the last.
      if (axis !== layer.axisOfSample(-1)) throw layer.unsupported('axis must be the last one');
      const features = layer.shape[axis] as number;
      layer.load('gamma', [1, features], 'scale', [features]);
      // Of a vector, those are all numbers.
      return {
        epsilon: layer.number('epsilon', 1e-6),
        ...(layer.shape.length > 1 && { axis }),
      };
    },
  };

  /** @throws {@link ValueError} unless epsilon is finite and at least 0. */
  constructor(options: RMSNormalizationOptions = {}) {
    super(options, 'epsilon');
  }

  /** Added to the mean square. */
  get epsilon(): number {
    return this.getConfig()['epsilon'] as number;
  }

  /** The axis whose numbers are normalized; undefined for all numbers of a sample. */
  get axis(): number | undefined {
    return this.getConfig()['axis'] as number | undefined;
  }

  /** Scale [1, ...inputShape], or [1, size of the axis], live. Weight decay leaves it as it is. */
  get gamma(): Tensor {
    return this.param('gamma') as Tensor;
  }
}
