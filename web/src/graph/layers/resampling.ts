import type { KerasConverters, KerasLayer } from '../../io/keras/layer.js';
import type { OnnxConverter, OnnxLayer } from '../../io/onnx/layer.js';
import { BuiltInLayer, type LayerOptions } from '../../layers/built-in-layer.js';
import type { PerAxis } from '../../layers/windows.js';
import type { ArgumentNames, TypeName } from '../../registry.js';
import { pair } from './sides.js';

/**
 * The way in which pixels of images of another size are made. Pixel i of n is a square whose centre
 * lies at (i + 1/2) / n of the image, and nothing is antialiased: where images become smaller, pixels
 * may count for nothing.
 * - 'nearest': the pixel that the new one's centre lies in; on an edge, the later one;
 * - 'bilinear': between the four centres around it; beyond the outermost centres, as they are.
 */
export type Interpolation = 'nearest' | 'bilinear';

/** Options of {@link UpSampling2D} and {@link Resizing}. */
export interface ResamplingOptions extends LayerOptions {
  /** Default 'nearest' for UpSampling2D, 'bilinear' for Resizing. */
  readonly interpolation?: Interpolation | undefined;
}

/** Adds the operator that makes images as large as those that leave the layer. */
function resize(layer: OnnxLayer, height: number, width: number): string {
  // The batch and the channels as they come.
  const kept = layer.node('Shape', [layer.input], { start: 0, end: 2 });
  const sizes = layer.node('Concat', [kept, layer.shape('size', [height, width])], { axis: 0 });
  // Centres are at half places, unless an attribute says otherwise.
  const mode = layer.setting('interpolation') === 'nearest' ? 'nearest' : 'linear';
  return layer.node('Resize', [layer.input, '', '', sizes], { mode });
}

/** Keras's setting of this name, of which lamella has two. */
function interpolationOf(layer: KerasLayer, missing: Interpolation): Interpolation {
  const given = layer.text('interpolation', missing);
  if (given === 'nearest' || given === 'bilinear') return given;
  throw layer.unsupported(`interpolation must be nearest or bilinear, got '${given.slice(0, 50)}'`);
}

/**
 * Images that are larger by whole numbers: [N, C, H, W] to [N, C, H vertical, W horizontal].
 * @example new UpSampling2D([2, 1], { interpolation: 'bilinear' })
 */
export class UpSampling2D extends BuiltInLayer {
  static override readonly type: TypeName<'UpSampling2D'> = 'UpSampling2D';
  static override readonly positional: ArgumentNames<['size']> = ['size'];
  static override readonly onnx: OnnxConverter = (layer) => {
    const [vertical, horizontal] = pair(layer.setting('size') as PerAxis);
    const [, height = 0, width = 0] = layer.inputShape;
    return resize(layer, height * vertical, width * horizontal);
  };
  static override readonly keras: KerasConverters = {
    UpSampling2D: (layer) => {
      const size = layer.pair('size', [2, 2]);
      const [channels, height, width] = layer.image();
      layer.shape = [channels, height * size[0], width * size[1]];
      return { size, interpolation: interpolationOf(layer, 'nearest') };
    },
  };

  /**
   * @param size - Factors of height and width: a number for both, or [vertical, horizontal]. Default 2.
   * @throws {@link ArgumentTypeError} or {@link ValueError} unless they are whole numbers of at least
   * 1, and for another interpolation.
   */
  constructor(size: PerAxis = 2, options: ResamplingOptions = {}) {
    super(options, 'interpolation', { size });
  }

  /** Factors of height and width: a number where they agree. */
  get size(): PerAxis {
    return this.getConfig()['size'] as PerAxis;
  }

  /** The way in which pixels are made. */
  get interpolation(): Interpolation {
    return this.getConfig()['interpolation'] as Interpolation;
  }
}

/**
 * Images of another size: [N, C, H, W] to [N, C, height, width]; height and width are stretched apart.
 * @example new Resizing(32, 32)
 */
export class Resizing extends BuiltInLayer {
  static override readonly type: TypeName<'Resizing'> = 'Resizing';
  static override readonly positional: ArgumentNames<['height', 'width']> = ['height', 'width'];
  static override readonly onnx: OnnxConverter = (layer) => {
    const sizes = [layer.number('height'), layer.number('width')] as const;
    if (layer.setting('interpolation') !== 'nearest') return resize(layer, ...sizes);
    // Resize rounds its places, so that those on the edge of two pixels may go to either.
    return sizes.reduce((value, size, axis) => {
      const from = layer.inputShape[axis + 1] as number;
      const places = Array.from({ length: size }, (_, i) =>
        Math.floor(((2 * i + 1) * from) / (2 * size)),
      );
      const indices = layer.shape(`places_${axis}`, places);
      return layer.node('Gather', [value, indices], { axis: axis + 2 });
    }, layer.input);
  };
  static override readonly keras: KerasConverters = {
    Resizing: (layer) => {
      for (const name of ['crop_to_aspect_ratio', 'pad_to_aspect_ratio', 'antialias']) {
        layer.wants(name, false);
      }
      const [height, width] = [layer.size('height'), layer.size('width')];
      layer.shape = [layer.image()[0], height, width];
      return { height, width, interpolation: interpolationOf(layer, 'bilinear') };
    },
  };

  /**
   * @param height - Of the images that come out.
   * @param width - Of the images that come out.
   * @throws {@link ArgumentTypeError} or {@link ValueError} unless they are whole numbers of at least
   * 1, and for another interpolation.
   */
  constructor(height: number, width: number, options: ResamplingOptions = {}) {
    super(options, 'interpolation', { height, width });
  }

  /** Height of the images that come out. */
  get height(): number {
    return this.getConfig()['height'] as number;
  }

  /** Width of the images that come out. */
  get width(): number {
    return this.getConfig()['width'] as number;
  }

  /** The way in which pixels are made. */
  get interpolation(): Interpolation {
    return this.getConfig()['interpolation'] as Interpolation;
  }
}
