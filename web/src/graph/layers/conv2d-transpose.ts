import type { KerasConverters } from '../../io/keras/layer.js';
import type { OnnxConverter } from '../../io/onnx/layer.js';
import type { LayerOptions } from '../../layers/built-in-layer.js';
import type { Initialization } from '../../layers/layer.js';
import { WeightedLayer } from '../../layers/weighted-layer.js';
import type { PerAxis, PerSide } from '../../layers/windows.js';
import type { ArgumentNames, TypeName } from '../../registry.js';
import type { Tensor } from '../../tensor.js';
import { pair, sidesOf } from './sides.js';
import { transposed } from './transposed.js';

/**
 * What {@link Conv2DTranspose} takes away from the whole of what its kernels reach, which is
 * (size - 1) stride + kernelSize long:
 * - 'valid': nothing; where the stride is larger than the kernel, zeros are added below and to the
 *   right, so that it is (size - 1) stride + max(kernelSize, stride);
 * - 'same': as much as makes it size stride, half of it above and to the left, rounded down;
 * - a number of rows and columns for every side, a pair [vertical, horizontal], or
 *   [[top, bottom], [left, right]], as PyTorch's `padding`.
 */
export type TransposedPadding = PerAxis | PerSide | 'valid' | 'same';

/** Options of {@link Conv2DTranspose}. */
export interface Conv2DTransposeOptions extends LayerOptions {
  /** As in {@link Dense}: 'auto' by default. */
  readonly initialization?: Initialization | undefined;
  /** Leaves out the biases. Default false. */
  readonly noBias?: boolean | undefined;
  /** Pixels of the output from one of the input to the next. Default 1. */
  readonly stride?: PerAxis | undefined;
  /** Rows and columns that the output is smaller by. Default 'valid'. */
  readonly padding?: TransposedPadding | undefined;
}

/**
 * The transpose of a 2D convolution, "deconvolution": images [N, C, H, W] to larger ones, [N,
 * outputDepth, H', W'], to which each pixel adds its kernel. Sizes are Keras's: {@link
 * TransposedPadding}. Source: Dumoulin, Visin, "A guide to convolution arithmetic for deep learning",
 * 2016, section 4.
 * @example new Conv2DTranspose(16, 2, { stride: 2, padding: 'same' })
 */
export class Conv2DTranspose extends WeightedLayer {
  static override readonly type: TypeName<'Conv2DTranspose'> = 'Conv2DTranspose';
  static override readonly positional: ArgumentNames<['outputDepth', 'kernelSize']> = [
    'outputDepth',
    'kernelSize',
  ];
  static override readonly onnx: OnnxConverter = (layer) => {
    const size = pair(layer.setting('kernelSize') as PerAxis);
    const stride = pair(layer.setting('stride') as PerAxis);
    const padding = layer.setting('padding') as TransposedPadding;
    const over = (axis: 0 | 1): number =>
      typeof padding === 'string' ? size[axis] - stride[axis] : 0;
    const same = (axis: 0 | 1): readonly [number, number] => {
      const spare = padding === 'same' ? Math.max(0, over(axis)) : 0;
      return [Math.floor(spare / 2), Math.ceil(spare / 2)];
    };
    const [[top, bottom], [left, right]] =
      typeof padding === 'string' ? [same(0), same(1)] : sidesOf(padding);
    return layer.node('ConvTranspose', [layer.input, ...layer.parameters()], {
      kernel_shape: size,
      strides: stride,
      pads: [top, left, bottom, right],
      output_padding: [Math.max(0, -over(0)), Math.max(0, -over(1))],
    });
  };
  static override readonly keras: KerasConverters = {
    Conv2DTranspose: (layer) => {
      const [channels, height, width] = layer.image();
      const kernelSize = layer.pair('kernel_size');
      const stride = layer.pair('strides', [1, 1]);
      const outputDepth = layer.size('filters');
      const noBias = !layer.flag('use_bias', true);
      const padding = layer.text('padding', 'valid');
      if (padding !== 'valid' && padding !== 'same') {
        throw layer.unsupported(`padding must be valid or same, got '${padding.slice(0, 50)}'`);
      }
      if (layer.pair('dilation_rate', [1, 1]).join() !== '1,1') {
        throw layer.unsupported('dilation_rate must be 1');
      }
      if (layer.setting('output_padding') !== undefined) {
        throw layer.unsupported('output_padding must be null');
      }
      // [height, width, outputs, inputs] to [inputs, outputs, height, width].
      const shape = [...kernelSize, outputDepth, channels];
      const byInput = transposed(layer.take(['kernel'], shape), channels);
      const taps = kernelSize[0] * kernelSize[1];
      const data = new Float32Array(byInput.length);
      for (let from = 0; from < data.length; from += taps * outputDepth) {
        const own = byInput.subarray(from, from + taps * outputDepth);
        data.set(transposed(own, outputDepth), from);
      }
      layer.arrays['kernels'] = { shape: [channels, outputDepth, ...kernelSize], data };
      if (!noBias) layer.load('biases', [outputDepth], 'bias');
      const length = (size: number, axis: 0 | 1): number =>
        size * stride[axis] +
        (padding === 'same' ? 0 : Math.max(0, kernelSize[axis] - stride[axis]));
      layer.shape = [outputDepth, length(height, 0), length(width, 1)];
      return { outputDepth, kernelSize, stride, padding, noBias };
    },
  };

  /**
   * @param outputDepth - Channels of the output.
   * @param kernelSize - Height and width of a kernel.
   * @throws {@link ArgumentTypeError} or {@link ValueError} for sizes and strides below 1, padding
   * below 0, and an unknown word. `build()` throws a {@link ShapeError} where the padding leaves
   * nothing.
   */
  constructor(outputDepth: number, kernelSize: PerAxis, options: Conv2DTransposeOptions = {}) {
    super(options, 'stride', { outputDepth, kernelSize });
  }

  /** Channels of the output. */
  get outputDepth(): number {
    return this.getConfig()['outputDepth'] as number;
  }

  /**
   * Kernels [C, outputDepth, height, width], live: those of the convolution that this is the transpose
   * of, as PyTorch and ONNX have them. Keras has [height, width, outputDepth, C].
   */
  get kernels(): Tensor {
    return this.param('kernels') as Tensor;
  }
}
