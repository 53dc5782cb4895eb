import type { KerasConverters } from '../io/keras/layer.js';
import type { OnnxConverter } from '../io/onnx/layer.js';
import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';

/** min(max(x, 0), 6), as in MobileNet; the derivative at 0 and 6 is 0. */
export class ReLU6 extends BuiltInLayer {
  static override readonly type = 'ReLU6';
  static override readonly onnx: OnnxConverter = (layer) =>
    layer.node('Clip', [layer.input, layer.scalar('least', 0), layer.scalar('greatest', 6)]);
  static override readonly keras: KerasConverters = { relu6: {} };

  constructor(options: LayerOptions = {}) {
    super(options);
  }
}
