import type { KerasConverters } from '../../io/keras/layer.js';
import type { OnnxConverter } from '../../io/onnx/layer.js';
import { BuiltInLayer, type LayerOptions } from '../../layers/built-in-layer.js';
import type { TypeName } from '../../registry.js';

/**
 * min(max(x + 3, 0), 6) / 6, as Keras 3 and PyTorch have it; the derivative at -3 and 3 is 0. Takes
 * samples of any shape, which stays. Source: Howard et al., "Searching for MobileNetV3", 2019, section
 * 5.2.
 * @example new HardSigmoid()
 */
export class HardSigmoid extends BuiltInLayer {
  static override readonly type: TypeName<'HardSigmoid'> = 'HardSigmoid';
  static override readonly onnx: OnnxConverter = (layer) =>
    layer.node('HardSigmoid', [layer.input], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
  static override readonly keras: KerasConverters = {
    hard_sigmoid: (layer) => {
      // Keras 3 has a policy there, the others a name.
      if (typeof layer.setting('dtype') === 'object') return {};
      throw layer.unsupported(
        'hard_sigmoid must be that of Keras 3, relu6(x + 3) / 6; that of TensorFlow.js and older ' +
          'versions is max(0, min(1, 0.2 x + 0.5))',
      );
    },
  };

  constructor(options: LayerOptions = {}) {
    super(options);
  }
}
