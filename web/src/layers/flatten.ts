import type { KerasConverters } from '../io/keras/layer.js';
import type { TypeName } from '../registry.js';
import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';

/** [N, C, H, W] to [N, C * H * W]: the same numbers as one vector per sample. */
export class Flatten extends BuiltInLayer {
  static override readonly type: TypeName<'Flatten'> = 'Flatten';
  static override readonly onnx = 'Flatten';
  static override readonly keras: KerasConverters = {
    Flatten: (layer) => layer.flatten(),
  };

  constructor(options: LayerOptions = {}) {
    super(options);
  }
}
