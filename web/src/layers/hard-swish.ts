import type { KerasConverters } from '../io/keras/layer.js';
import type { TypeName } from '../registry.js';
import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';

/** x min(max(x + 3, 0), 6) / 6, as in MobileNetV3 (Howard et al., 2019). */
export class HardSwish extends BuiltInLayer {
  static override readonly type: TypeName<'HardSwish'> = 'HardSwish';
  static override readonly onnx = 'HardSwish';
  static override readonly keras: KerasConverters = { hard_swish: {}, hard_silu: {} };

  constructor(options: LayerOptions = {}) {
    super(options);
  }
}
