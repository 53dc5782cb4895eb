import type { KerasConverters } from '../../io/keras/layer.js';
import type { OnnxConverter } from '../../io/onnx/layer.js';
import { BuiltInLayer, type LayerOptions } from '../../layers/built-in-layer.js';
import type { TypeName } from '../../registry.js';

/**
 * (N, C, H, W) to (N, C): the greatest of each channel's pixels. Its gradient goes to that pixel, of
 * equals to the first.
 * @example new GlobalMaxPooling2D()
 */
export class GlobalMaxPooling2D extends BuiltInLayer {
  static override readonly type: TypeName<'GlobalMaxPooling2D'> = 'GlobalMaxPooling2D';
  static override readonly onnx: OnnxConverter = (layer) =>
    layer.node('Flatten', [layer.node('GlobalMaxPool', [layer.input])]);
  static override readonly keras: KerasConverters = {
    GlobalMaxPooling2D: (layer) => layer.globalPooling(),
  };

  constructor(options: LayerOptions = {}) {
    super(options);
  }
}
