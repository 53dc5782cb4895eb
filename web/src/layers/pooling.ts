import type { KerasConverters } from '../io/keras/layer.js';
import type { OnnxConverter } from '../io/onnx/layer.js';
import type { ArgumentNames, TypeName } from '../registry.js';
import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';
import { type Padding, type PerAxis, zerosBefore } from './windows.js';

/** Options of {@link MaxPooling2D}. */
export interface PoolingOptions extends LayerOptions {
  /** Step of the window. Default: the pool size. */
  readonly stride?: PerAxis | undefined;
  /** Margin around the image, smaller than the window on each side. Default 'valid': none. */
  readonly padding?: Padding | undefined;
}

/** Options of {@link AveragePooling2D}. */
export interface AveragePoolingOptions extends PoolingOptions {
  /** Whether means count the padding, as zeros. Default false: only what is in the image. */
  readonly countIncludePad?: boolean | undefined;
}

/** Common part of the pooling layers. */
abstract class Pooling2D extends BuiltInLayer {
  static override readonly leftOut = { poolSize: 2, stride: 2 };

  /** Height and width of the window: a number where they agree. */
  get poolSize(): PerAxis {
    return this.getConfig()['poolSize'] as PerAxis;
  }

  /** Step of the window: a number where both axes agree. */
  get stride(): PerAxis {
    return this.getConfig()['stride'] as PerAxis;
  }

  /**
   * Margin above and to the left of the image: a number where they agree.
   * @throws {@link StateError} before `build()` for 'same-upper', which depends on the image.
   */
  get padding(): PerAxis {
    return zerosBefore(this, 'poolSize');
  }
}

/**
 * The greatest element of each window of images [N, C, H, W], among those in the image; rows
 * and columns that no window reaches are ignored. Output height is
 * floor((H + padding before and after - poolSize) / stride) + 1; output width likewise. The
 * gradient goes to that element, the first one among equals.
 * @example new MaxPooling2D([1, 3], { stride: [1, 2], padding: 'same-upper' })
 */
export class MaxPooling2D extends Pooling2D {
  static override readonly type: TypeName<'MaxPooling2D'> = 'MaxPooling2D';
  static override readonly positional: ArgumentNames<['poolSize']> = ['poolSize'];
  static override readonly onnx: OnnxConverter = (layer) =>
    layer.node('MaxPool', [layer.input], layer.windows('poolSize'));
  static override readonly keras: KerasConverters = { MaxPooling2D: (layer) => layer.pooling() };

  /**
   * @param poolSize - Height and width of the window. Default 2.
   * @throws {@link ArgumentTypeError} or {@link ValueError} unless sizes are whole numbers of at
   * least 1 and padding is smaller than the window.
   */
  constructor(poolSize: PerAxis = 2, options: PoolingOptions = {}) {
    super(options, 'stride', { poolSize });
  }
}

/** The mean of each window; otherwise as {@link MaxPooling2D}. */
export class AveragePooling2D extends Pooling2D {
  static override readonly type: TypeName<'AveragePooling2D'> = 'AveragePooling2D';
  static override readonly positional: ArgumentNames<['poolSize']> = ['poolSize'];
  static override readonly onnx: OnnxConverter = (layer) =>
    layer.node('AveragePool', [layer.input], {
      ...layer.windows('poolSize'),
      count_include_pad: Number(layer.setting('countIncludePad') ?? 0),
    });
  static override readonly keras: KerasConverters = {
    AveragePooling2D: (layer) => layer.pooling(),
  };

  /**
   * @param poolSize - Height and width of the window. Default 2.
   * @throws {@link ArgumentTypeError} or {@link ValueError} as {@link MaxPooling2D}.
   */
  constructor(poolSize: PerAxis = 2, options: AveragePoolingOptions = {}) {
    super(options, 'stride', { poolSize });
  }

  /** Whether means count the padding. */
  get countIncludePad(): boolean {
    return this.getConfig()['countIncludePad'] === true;
  }
}

/** The mean of each channel: images [N, C, H, W] to [N, C] (Lin, Chen, Yan, 2014). */
export class GlobalAveragePooling2D extends BuiltInLayer {
  static override readonly type: TypeName<'GlobalAveragePooling2D'> = 'GlobalAveragePooling2D';
  static override readonly onnx: OnnxConverter = (layer) =>
    layer.node('Flatten', [layer.node('GlobalAveragePool', [layer.input])]);
  static override readonly keras: KerasConverters = {
    GlobalAveragePooling2D: (layer) => layer.globalPooling(),
  };

  constructor(options: LayerOptions = {}) {
    super(options);
  }
}
