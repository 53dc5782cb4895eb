import type { KerasConverters } from '../io/keras/layer.js';
import type { OnnxConverter } from '../io/onnx/layer.js';
import type { Tensor } from '../tensor.js';
import type { LayerOptions } from './built-in-layer.js';
import type { Initialization } from './layer.js';
import { WeightedLayer } from './weighted-layer.js';

/** Options of {@link Convolutional}. */
export interface ConvolutionalOptions extends LayerOptions {
  /** As in {@link Dense}: 'auto' by default. */
  readonly initialization?: Initialization | undefined;
  /** Leaves out the biases. Default false. */
  readonly noBias?: boolean | undefined;
  /**
   * Zeros around the image: a number for both sides, 'valid' (none, the
   * default), or 'same', which keeps height and width at stride 1: with k the
   * extent of the kernel, (k - 1) / 2 before and k / 2 after, rounded down,
   * whatever the stride.
   */
  readonly padding?: number | 'valid' | 'same' | undefined;
  /** Step of the kernel, at least 1. Default 1. */
  readonly stride?: number | undefined;
  /**
   * Parts that input and output channels are cut into, each seeing its own part
   * alone; as many as input channels make a depthwise convolution. Must divide
   * both numbers of channels. Default 1.
   */
  readonly groups?: number | undefined;
  /** Distance of a kernel's taps in pixels. Default 1: they are neighbours. */
  readonly dilation?: number | undefined;
}

/**
 * 2D convolution of images [N, channels, H, W] with square kernels, by matrix
 * products over image columns. Output height is
 * floor((H + padding before and after - extent) / stride) + 1, the extent being
 * (kernelSize - 1) dilation + 1.
 */
export class Convolutional extends WeightedLayer {
  static override readonly type = 'Convolutional';
  static override readonly positional = ['outputDepth', 'kernelSize'] as const;
  static override readonly onnx: OnnxConverter = (layer) => {
    const size = layer.number('kernelSize');
    const [stride, dilation] = [layer.number('stride'), layer.number('dilation', 1)];
    const padding = layer.setting('padding') as number | 'valid' | 'same';
    // Where the extent is even, 'same' adds one more after the image than before it.
    const all =
      padding === 'same' ? (size - 1) * dilation : 2 * (padding === 'valid' ? 0 : padding);
    const [before, after] = [Math.floor(all / 2), Math.ceil(all / 2)];
    return layer.node('Conv', [layer.input, ...layer.parameters()], {
      kernel_shape: [size, size],
      strides: [stride, stride],
      dilations: [dilation, dilation],
      pads: [before, before, after, after],
      group: layer.number('groups', 1),
    });
  };
  static override readonly keras: KerasConverters = {
    Conv2D: (layer) => layer.convolution(false),
    DepthwiseConv2D: (layer) => layer.convolution(true),
  };

  /**
   * @param outputDepth - Number of kernels: channels of the output.
   * @param kernelSize - Height and width of a kernel.
   * @throws {@link ArgumentTypeError} or {@link ValueError} for sizes and
   * strides below 1, padding below 0, an unknown word, or groups that do not
   * divide the output channels.
   */
  constructor(outputDepth: number, kernelSize: number, options: ConvolutionalOptions = {}) {
    super(options, 'stride', { outputDepth, kernelSize });
  }

  /** Number of kernels. */
  get outputDepth(): number {
    return this.getConfig()['outputDepth'] as number;
  }

  /** Height and width of a kernel. */
  get kernelSize(): number {
    return this.getConfig()['kernelSize'] as number;
  }

  /** Step of the kernel. */
  get stride(): number {
    return this.getConfig()['stride'] as number;
  }

  /** Parts that the channels are cut into. */
  get groups(): number {
    return (this.getConfig()['groups'] as number | undefined) ?? 1;
  }

  /** Distance of a kernel's taps in pixels. */
  get dilation(): number {
    return (this.getConfig()['dilation'] as number | undefined) ?? 1;
  }

  /** Zeros above and to the left of the image. */
  get padding(): number {
    const padding = this.getConfig()['padding'] as number | 'valid' | 'same';
    if (typeof padding === 'number') return padding;
    return padding === 'same' ? Math.floor(((this.kernelSize - 1) * this.dilation) / 2) : 0;
  }

  /** Kernels [outputDepth, channels / groups, kernelSize, kernelSize], live. */
  get kernels(): Tensor {
    return this.param('kernels') as Tensor;
  }
}
