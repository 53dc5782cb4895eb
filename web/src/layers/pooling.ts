import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';

/** Options of {@link MaxPooling2D} and {@link AveragePooling2D}. */
export interface PoolingOptions extends LayerOptions {
  /** Step of the window. Default: the pool size. */
  readonly stride?: number | undefined;
}

/** Common part of the pooling layers. */
abstract class Pooling2D extends BuiltInLayer {
  /** Height and width of the window. */
  get poolSize(): number {
    return this.getConfig()['poolSize'] as number;
  }

  /** Step of the window. */
  get stride(): number {
    return this.getConfig()['stride'] as number;
  }
}

/**
 * The greatest element of each window of images [N, C, H, W]; no padding, rows
 * and columns that no window reaches are ignored. The gradient goes to that
 * element, the first one among equals.
 */
export class MaxPooling2D extends Pooling2D {
  /**
   * @param poolSize - Height and width of the window.
   * @throws {@link ValueError} unless sizes are whole numbers of at least 1.
   */
  constructor(poolSize = 2, options: PoolingOptions = {}) {
    super('MaxPooling2D', options, 'stride', { poolSize });
  }
}

/** The mean of each window; otherwise as {@link MaxPooling2D}. */
export class AveragePooling2D extends Pooling2D {
  /**
   * @param poolSize - Height and width of the window.
   * @throws {@link ValueError} unless sizes are whole numbers of at least 1.
   */
  constructor(poolSize = 2, options: PoolingOptions = {}) {
    super('AveragePooling2D', options, 'stride', { poolSize });
  }
}

/** The mean of each channel: images [N, C, H, W] to [N, C] (Lin, Chen, Yan, 2014). */
export class GlobalAveragePooling2D extends BuiltInLayer {
  constructor(options: LayerOptions = {}) {
    super('GlobalAveragePooling2D', options);
  }
}
