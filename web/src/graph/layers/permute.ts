import type { KerasConverters } from '../../io/keras/layer.js';
import type { OnnxConverter } from '../../io/onnx/layer.js';
import { BuiltInLayer, type LayerOptions } from '../../layers/built-in-layer.js';
import type { ArgumentNames, TypeName } from '../../registry.js';
import type { Shape } from '../../shape.js';

/**
 * The axes of samples in another order: [N, ...inputShape] to [N, ...outputShape] with
 * outputShape[i] = inputShape[dims[i] - 1].
 * @example new Permute([2, 1]) // [N, steps, features] to [N, features, steps]
 */
export class Permute extends BuiltInLayer {
  static override readonly type: TypeName<'Permute'> = 'Permute';
  static override readonly positional: ArgumentNames<['dims']> = ['dims'];
  static override readonly onnx: OnnxConverter = (layer) =>
    layer.node('Transpose', [layer.input], { perm: [0, ...(layer.setting('dims') as Shape)] });
  static override readonly keras: KerasConverters = {
    Permute: (layer) => {
      const { shape } = layer;
      const [given, rank] = [layer.sizes('dims'), shape.length];
      if (new Set(given).size !== rank || given.some((axis) => axis < 1 || axis > rank)) {
        throw layer.unsupported(`dims must hold each number from 1 to ${rank} once`);
      }
      if (rank === 1) return { dims: given };
      // Axes of images stand in other places here.
      const place = (axis: number): number => layer.axisOfSample(axis - 1 - rank);
      const dims: number[] = [];
      for (const [to, from] of given.entries()) dims[place(to + 1)] = place(from) + 1;
      layer.shape = dims.map((from) => shape[from - 1] as number);
      return { dims };
    },
  };

  /**
   * @param dims - The axis of the input that each axis of the output is, counted from 1, without the
   * batch: each number from 1 to the number of a sample's axes, of which there are at most 7, once.
   * `build()` throws {@link ShapeError} when samples have another number of axes.
   * @throws {@link ValueError} unless they are such numbers, {@link ArgumentTypeError} unless they are a
   * list.
   */
  constructor(dims: readonly number[], options: LayerOptions = {}) {
    super(options, 'inputShape', { dims });
  }

  /** The axis of the input that each axis of the output is, counted from 1. */
  get dims(): readonly number[] {
    return this.getConfig()['dims'] as number[];
  }
}
