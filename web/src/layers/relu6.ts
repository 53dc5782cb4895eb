import type { KerasConverters } from '../io/keras/layer.js';
import type { OnnxConverter } from '../io/onnx/layer.js';
import type { TypeName } from '../registry.js';
import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';

/** min(max(x, 0), 6), as in MobileNet; the derivative at 0 and 6 is 0. */
export class ReLU6 extends BuiltInLayer {
  static override readonly type: TypeName<'ReLU6'> = 'ReLU6';
  static override readonly onnx: OnnxConverter = (layer) => layer.clip(0, 6);
  static override readonly keras: KerasConverters = { relu6: {} };

  constructor(options: LayerOptions = {}) {
    super(options);
  }
}
