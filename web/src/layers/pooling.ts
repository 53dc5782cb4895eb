import type { KerasConverters } from '../io/keras/layer.js';
import type { OnnxConverter, OnnxLayer } from '../io/onnx/layer.js';
import { BuiltInLayer, type LayerOptions } from './built-in-layer.js';

/** Options of {@link MaxPooling2D} and {@link AveragePooling2D}. */
export interface PoolingOptions extends LayerOptions {
  /** Step of the window, at least 1. Default: the pool size. */
  readonly stride?: number | undefined;
}

/** Adds the pooling operator of a name. */
function toOnnx(operator: string, layer: OnnxLayer): string {
  const [size, stride] = [layer.number('poolSize'), layer.number('stride')];
  return layer.node(operator, [layer.input], {
    kernel_shape: [size, size],
    strides: [stride, stride],
  });
}

/** Common part of the pooling layers. */
abstract class Pooling2D extends BuiltInLayer {
  static override readonly leftOut = { poolSize: 2, stride: 2 };

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
  static override readonly type = 'MaxPooling2D';
  static override readonly positional = ['poolSize'] as const;
  static override readonly onnx: OnnxConverter = (layer) => toOnnx('MaxPool', layer);
  static override readonly keras: KerasConverters = { MaxPooling2D: (layer) => layer.pooling() };

  /**
   * @param poolSize - Height and width of the window, at least 1. Default 2.
   * @throws {@link ValueError} unless sizes are whole numbers of at least 1.
   */
  constructor(poolSize = 2, options: PoolingOptions = {}) {
    super(options, 'stride', { poolSize });
  }
}

/** The mean of each window; otherwise as {@link MaxPooling2D}. */
export class AveragePooling2D extends Pooling2D {
  static override readonly type = 'AveragePooling2D';
  static override readonly positional = ['poolSize'] as const;
  static override readonly onnx: OnnxConverter = (layer) => toOnnx('AveragePool', layer);
  static override readonly keras: KerasConverters = {
    AveragePooling2D: (layer) => layer.pooling(),
  };

  /**
   * @param poolSize - Height and width of the window, at least 1. Default 2.
   * @throws {@link ValueError} unless sizes are whole numbers of at least 1.
   */
  constructor(poolSize = 2, options: PoolingOptions = {}) {
    super(options, 'stride', { poolSize });
  }
}

/** The mean of each channel: images [N, C, H, W] to [N, C] (Lin, Chen, Yan, 2014). */
export class GlobalAveragePooling2D extends BuiltInLayer {
  static override readonly type = 'GlobalAveragePooling2D';
  static override readonly onnx: OnnxConverter = (layer) =>
    layer.node('Flatten', [layer.node('GlobalAveragePool', [layer.input])]);
  static override readonly keras: KerasConverters = {
    GlobalAveragePooling2D: (layer) => {
      layer.wants('keepdims', false);
      layer.shape = [layer.image()[0]];
      return {};
    },
  };

  constructor(options: LayerOptions = {}) {
    super(options);
  }
}
