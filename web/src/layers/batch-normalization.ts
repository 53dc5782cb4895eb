import type { KerasConverters } from '../io/keras/layer.js';
import type { OnnxConverter } from '../io/onnx/layer.js';
import type { TypeName } from '../registry.js';
import type { Tensor } from '../tensor.js';
import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';

/** Options of {@link BatchNormalization} and {@link BatchNormalization2D}. */
export interface BatchNormalizationOptions extends LayerOptions {
  /** Share of the old running mean that is kept in a step, from 0 to 1. Default 0.9. */
  readonly momentum?: number | undefined;
  /** Added to the variance under the root, at least 0. Default 1e-8. */
  readonly epsilon?: number | undefined;
}

/** Common part of both batch normalizations. */
abstract class BatchNormalizationBase extends BuiltInLayer {
  static override readonly onnx: OnnxConverter = (layer) => {
    const perChannel = layer.inputShape.slice(0, 1);
    return layer.node(
      'BatchNormalization',
      [layer.input, ...layer.parameters(perChannel), ...layer.states(perChannel)],
      { epsilon: { float: layer.number('epsilon') } },
    );
  };

  /** Share of the old running mean that is kept in a step. */
  get momentum(): number {
    return this.getConfig()['momentum'] as number;
  }

  /** Added to the variance under the root. */
  get epsilon(): number {
    return this.getConfig()['epsilon'] as number;
  }

  /** Learned scale, live. */
  get gamma(): Tensor {
    return this.param('gamma') as Tensor;
  }

  /** Learned shift, live. */
  get beta(): Tensor {
    return this.param('beta') as Tensor;
  }
}

/**
 * Batch normalization of vectors [batch, features]: each feature is brought to
 * mean 0 and deviation 1, then scaled by gamma and shifted by beta (Ioffe,
 * Szegedy, 2015). Training uses the batch's statistics and updates the running
 * ones, which inference uses. The state is `cache_m` and `cache_v`. `backward` reads the input of
 * `forward` once more, and a frozen layer's state: who writes to them in between changes the gradients.
 */
export class BatchNormalization extends BatchNormalizationBase {
  static override readonly type: TypeName<'BatchNormalization'> = 'BatchNormalization';
  static override readonly keras: KerasConverters = {
    BatchNormalization: (layer) => layer.batchNormalization(),
  };

  /** @throws {@link ValueError} unless momentum is in [0, 1] and epsilon at least 0. */
  constructor(options: BatchNormalizationOptions = {}) {
    super(options, 'momentum');
  }
}

/**
 * Batch normalization of images [N, C, H, W], per channel over batch, height
 * and width; otherwise as {@link BatchNormalization}.
 */
export class BatchNormalization2D extends BatchNormalizationBase {
  static override readonly type: TypeName<'BatchNormalization2D'> = 'BatchNormalization2D';

  /** @throws {@link ValueError} unless momentum is in [0, 1] and epsilon at least 0. */
  constructor(options: BatchNormalizationOptions = {}) {
    super(options, 'momentum');
  }
}
