import type { AxisOptions } from '../../axis.js';
import type { KerasConverters } from '../../io/keras/layer.js';
import type { OnnxConverter } from '../../io/onnx/layer.js';
import { BuiltInLayer, type LayerOptions } from '../../layers/built-in-layer.js';
import type { TypeName } from '../../registry.js';
import type { Tensor } from '../../tensor.js';

/** Options of {@link GroupNormalization}; `axis` is that of the channels. */
export interface GroupNormalizationOptions extends LayerOptions, AxisOptions {
  /** Number of groups, a divisor of the channels. 1 for all together, as many as channels for each alone. Default 32. */
  readonly groups?: number | undefined;
  /** Added to the variance, at least 0. Default 1e-3. */
  readonly epsilon?: number | undefined;
}

/**
 * Group normalization (Wu, He, 2018): a sample's channels fall into groups of neighbours. All numbers of
 * a group, over all places of images or sequences, are normalized by their mean and biased variance, then
 * scaled and shifted by a number for each channel, gamma * (x - mean) / sqrt(variance + epsilon) + beta;
 * the same in training and inference. [N, ...] to the same shape.
 * @example new GroupNormalization({ groups: 8 }) // of images [N, C, H, W] or sequences [N, time, features]
 */
export class GroupNormalization extends BuiltInLayer {
  static override readonly type: TypeName<'GroupNormalization'> = 'GroupNormalization';
  static override readonly onnx: OnnxConverter = (layer) => {
    const [axis, rank] = [layer.axis + 1, layer.inputShape.length + 1];
    const perm = Array.from({ length: rank }, (_, i) => i);
    [perm[1], perm[axis]] = [axis, 1];
    const swap = (value: string): string =>
      axis === 1 ? value : layer.node('Transpose', [value], { perm });
    // The channels are first now, those of a group one behind the other. 0 keeps the batch as it is.
    const swapped = perm.slice(1).map((from) => layer.inputShape[from - 1] as number);
    const groups = layer.number('groups');
    const together = layer.shape('together', [0, groups, -1]);
    const apart = layer.shape('apart', [0, ...swapped]);
    const count = layer.shape('groups', [groups]);
    const constants = ['one', 'zero'].map((name, i) =>
      layer.node('Expand', [layer.scalar(name, 1 - i), count]),
    );
    const normalized = layer.node(
      'InstanceNormalization',
      [layer.node('Reshape', [swap(layer.input), together]), ...constants],
      { epsilon: { float: layer.number('epsilon') } },
    );
    const perChannel = layer.inputShape.slice(layer.axis).map((size, i) => (i === 0 ? size : 1));
    const [gamma = '', beta = ''] = layer.parameters(perChannel);
    const back = swap(layer.node('Reshape', [normalized, apart]));
    return layer.node('Add', [layer.node('Mul', [back, gamma]), beta]);
  };
  static override readonly keras: KerasConverters = {
    GroupNormalization: (layer) => {
      const axis = layer.onlyAxis();
      const channels = layer.shape[axis] as number;
      layer.wants('scale', true);
      layer.wants('center', true);
      for (const name of ['gamma', 'beta']) layer.load(name, [1, channels], name, [channels]);
      // Keras's -1 is a group for each channel.
      const groups = layer.setting('groups') === -1 ? channels : layer.size('groups', 32);
      return { groups, epsilon: layer.number('epsilon', 1e-3), ...layer.axisOption(axis) };
    },
  };

  /**
   * @throws {@link ValueError} unless groups is a whole number of at least 1 and epsilon finite and at
   * least 0. `build()` throws {@link ShapeError} when groups does not divide the channels.
   */
  constructor(options: GroupNormalizationOptions = {}) {
    super(options, 'groups');
  }

  /** Number of groups. */
  get groups(): number {
    return this.getConfig()['groups'] as number;
  }

  /** Added to the variance. */
  get epsilon(): number {
    return this.getConfig()['epsilon'] as number;
  }

  /** The axis of the channels, if it was given. */
  get axis(): number | undefined {
    return this.getConfig()['axis'] as number | undefined;
  }

  /** Scale [1, channels], live. Weight decay leaves it as it is. */
  get gamma(): Tensor {
    return this.param('gamma') as Tensor;
  }

  /** Shift [1, channels], live. Weight decay leaves it as it is. */
  get beta(): Tensor {
    return this.param('beta') as Tensor;
  }
}
