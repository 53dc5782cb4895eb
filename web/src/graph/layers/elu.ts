import type { KerasConverters } from '../../io/keras/layer.js';
import type { OnnxConverter } from '../../io/onnx/layer.js';
import { BuiltInLayer, type LayerOptions } from '../../layers/built-in-layer.js';
import type { TypeName } from '../../registry.js';

/** Options of {@link ELU}. */
export interface ELUOptions extends LayerOptions {
  /** The output of -infinity is -alpha; finite, at least 0. Default 1. */
  readonly alpha?: number | undefined;
}

/**
 * Exponential linear unit: x for x > 0, alpha (e^x - 1) otherwise; the derivative at 0 is alpha. Takes
 * samples of any shape, which stays. Source: Clevert, Unterthiner, Hochreiter, 2016, equation 15.
 * @example new ELU({ alpha: 0.5 })
 */
export class ELU extends BuiltInLayer {
  static override readonly type: TypeName<'ELU'> = 'ELU';
  static override readonly onnx: OnnxConverter = (layer) =>
    layer.node('Elu', [layer.input], { alpha: { float: layer.number('alpha') } });
  static override readonly keras: KerasConverters = {
    elu: {},
    ELU: (layer) => ({ alpha: layer.number('alpha', 1) }),
  };

  /** @throws {@link ValueError} unless alpha is finite and at least 0. */
  constructor(options: ELUOptions = {}) {
    super(options, 'alpha');
  }

  /** What the output of -infinity is, without its sign. */
  get alpha(): number {
    return this.getConfig()['alpha'] as number;
  }
}

/**
 * Scaled exponential linear unit: 1.0507 times {@link ELU} with alpha 1.67326. After weights of
 * variance 1 / fanIn ('xavier', which 'auto' takes before it) outputs keep mean 0 and variance 1. Takes
 * samples of any shape, which stays. Source: Klambauer et al., 2017, equation 2.
 * @example new SELU()
 */
export class SELU extends BuiltInLayer {
  static override readonly type: TypeName<'SELU'> = 'SELU';
  static override readonly onnx = 'Selu';
  static override readonly keras: KerasConverters = { selu: {} };

  constructor(options: LayerOptions = {}) {
    super(options);
  }
}
