import type { KerasConverters } from '../io/keras/layer.js';
import type { OnnxConverter } from '../io/onnx/layer.js';
import type { ArgumentNames, TypeName } from '../registry.js';
import type { Shape } from '../shape.js';
import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';

/** [N, ...] to [N, ...targetShape]: the same numbers in the same order. */
export class Reshape extends BuiltInLayer {
  static override readonly type: TypeName<'Reshape'> = 'Reshape';
  static override readonly positional: ArgumentNames<['targetShape']> = ['targetShape'];
  static override readonly onnx: OnnxConverter = (layer) => {
    // 0 keeps the batch as it is.
    const shape = layer.shape('shape', [0, ...(layer.setting('targetShape') as Shape)]);
    return layer.node('Reshape', [layer.input, shape]);
  };
  static override readonly keras: KerasConverters = {
    Reshape: (layer) => layer.reshape(),
  };

  /**
   * @param targetShape - Shape of a sample going out, of as many numbers as
   * come in; `build()` throws {@link ShapeError} otherwise.
   */
  constructor(targetShape: Shape, options: LayerOptions = {}) {
    super(options, 'inputShape', { targetShape });
  }

  /** Shape of a sample going out. */
  get targetShape(): Shape {
    return this.getConfig()['targetShape'] as Shape;
  }
}
