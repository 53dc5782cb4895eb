import type { KerasConverters } from '../../io/keras/layer.js';
import type { OnnxConverter } from '../../io/onnx/layer.js';
import { BuiltInLayer, type LayerOptions } from '../../layers/built-in-layer.js';
import type { TypeName } from '../../registry.js';

/**
 * log(1 + e^x), a smooth ReLU, which does not overflow. Takes samples of any shape, which stays. Source:
 * Dugas et al., 2000, section 3.
 * @example new Softplus()
 */
export class Softplus extends BuiltInLayer {
  static override readonly type: TypeName<'Softplus'> = 'Softplus';
  static override readonly onnx = 'Softplus';
  static override readonly keras: KerasConverters = { softplus: {} };

  constructor(options: LayerOptions = {}) {
    super(options);
  }
}

/**
 * x tanh(log(1 + e^x)). Takes samples of any shape, which stays. Source: Misra, "Mish: a self regularized
 * non-monotonic activation function", 2019, equation 1.
 * @example new Mish()
 */
export class Mish extends BuiltInLayer {
  static override readonly type: TypeName<'Mish'> = 'Mish';
  // An operator of its own comes with opset 18.
  static override readonly onnx: OnnxConverter = (layer) => {
    const softplus = layer.node('Softplus', [layer.input]);
    return layer.node('Mul', [layer.input, layer.node('Tanh', [softplus])]);
  };
  static override readonly keras: KerasConverters = { mish: {} };

  constructor(options: LayerOptions = {}) {
    super(options);
  }
}
