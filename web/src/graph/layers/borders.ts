import type { KerasConverters } from '../../io/keras/layer.js';
import type { OnnxConverter } from '../../io/onnx/layer.js';
import { BuiltInLayer, type LayerOptions } from '../../layers/built-in-layer.js';
import type { PerAxis, PerSide } from '../../layers/windows.js';
import type { ArgumentNames, TypeName } from '../../registry.js';
import { kerasSides, sidesOf } from './sides.js';

/**
 * Zeros around images: [N, C, H, W] to [N, C, top + H + bottom, left + W + right]. The gradient of
 * what is inside goes through, that of the zeros nowhere.
 * @example new ZeroPadding2D([[0, 1], [0, 1]])
 */
export class ZeroPadding2D extends BuiltInLayer {
  static override readonly type: TypeName<'ZeroPadding2D'> = 'ZeroPadding2D';
  static override readonly positional: ArgumentNames<['padding']> = ['padding'];
  static override readonly onnx: OnnxConverter = (layer) => {
    const [[top, bottom], [left, right]] = sidesOf(layer.setting('padding') as PerAxis | PerSide);
    return layer.node('Pad', [
      layer.input,
      layer.shape('pads', [0, 0, top, left, 0, 0, bottom, right]),
    ]);
  };
  static override readonly keras: KerasConverters = {
    ZeroPadding2D: (layer) => {
      const padding = kerasSides(layer, 'padding', 1);
      const [[top, bottom], [left, right]] = padding;
      const [channels, height, width] = layer.image();
      layer.shape = [channels, top + height + bottom, left + width + right];
      return { padding };
    },
  };

  /**
   * @param padding - Rows and columns of zeros: a number for every side, a pair [vertical,
   * horizontal], or [[top, bottom], [left, right]]. Default 1.
   * @throws {@link ArgumentTypeError} or {@link ValueError} unless they are whole numbers of at least 0.
   */
  constructor(padding: PerAxis | PerSide = 1, options: LayerOptions = {}) {
    super(options, 'inputShape', { padding });
  }

  /** Zeros above, below, to the left and to the right: a number where all agree. */
  get padding(): number | PerSide {
    return this.getConfig()['padding'] as number | PerSide;
  }
}

/**
 * Images without their margins: [N, C, H, W] to [N, C, H - top - bottom, W - left - right]. The
 * gradient of the margins is 0.
 * @example new Cropping2D([2, 0])
 */
export class Cropping2D extends BuiltInLayer {
  static override readonly type: TypeName<'Cropping2D'> = 'Cropping2D';
  static override readonly positional: ArgumentNames<['cropping']> = ['cropping'];
  static override readonly onnx: OnnxConverter = (layer) => {
    const [[top, bottom], [left, right]] = sidesOf(layer.setting('cropping') as PerAxis | PerSide);
    const [, height = 0, width = 0] = layer.inputShape;
    return layer.node('Slice', [
      layer.input,
      layer.shape('starts', [top, left]),
      layer.shape('ends', [height - bottom, width - right]),
      layer.shape('axes', [2, 3]),
    ]);
  };
  static override readonly keras: KerasConverters = {
    Cropping2D: (layer) => {
      const cropping = kerasSides(layer, 'cropping', 0);
      const [[top, bottom], [left, right]] = cropping;
      const [channels, height, width] = layer.image();
      layer.shape = [channels, height - top - bottom, width - left - right];
      return { cropping };
    },
  };

  /**
   * @param cropping - Rows and columns to leave out: a number for every side, a pair [vertical,
   * horizontal], or [[top, bottom], [left, right]]. Default 0.
   * @throws {@link ArgumentTypeError} or {@link ValueError} unless they are whole numbers of at least
   * 0. `build()` throws a {@link ShapeError} where nothing would be left.
   */
  constructor(cropping: PerAxis | PerSide = 0, options: LayerOptions = {}) {
    super(options, 'inputShape', { cropping });
  }

  /** Pixels left out above, below, to the left and to the right: a number where all agree. */
  get cropping(): number | PerSide {
    return this.getConfig()['cropping'] as number | PerSide;
  }
}
