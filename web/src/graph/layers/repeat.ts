import type { KerasConverters } from '../../io/keras/layer.js';
import type { OnnxConverter } from '../../io/onnx/layer.js';
import { BuiltInLayer, type LayerOptions } from '../../layers/built-in-layer.js';
import type { ArgumentNames, TypeName } from '../../registry.js';

/**
 * Vectors to sequences of equal steps: [N, features] to [N, n, features]. Keras calls it RepeatVector.
 * @example new Repeat(10) // a code, for each step of what is made of it
 */
export class Repeat extends BuiltInLayer {
  static override readonly type: TypeName<'Repeat'> = 'Repeat';
  static override readonly positional: ArgumentNames<['n']> = ['n'];
  static override readonly onnx: OnnxConverter = (layer) => {
    const sequence = layer.node('Unsqueeze', [layer.input, layer.shape('axes', [1])]);
    return layer.node('Tile', [sequence, layer.shape('repeats', [1, layer.number('n'), 1])]);
  };
  static override readonly keras: KerasConverters = {
    RepeatVector: (layer) => {
      const n = layer.size('n');
      const { shape, flow } = layer;
      if (shape.length !== 1 || flow.flattened !== undefined) {
        throw layer.unsupported('wants vectors, which are no flattened images');
      }
      layer.shape = [n, ...shape];
      return { n };
    },
  };

  /**
   * @param n - Number of steps, at least 1.
   * @throws {@link ValueError} for another number, {@link ArgumentTypeError} for anything else. `build()`
   * throws {@link ShapeError} unless samples are vectors.
   */
  constructor(n: number, options: LayerOptions = {}) {
    super(options, 'inputShape', { n });
  }

  /** Number of steps. */
  get n(): number {
    return this.getConfig()['n'] as number;
  }
}
