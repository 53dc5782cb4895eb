import type { KerasConverters } from '../io/keras/layer.js';
import type { OnnxConverter } from '../io/onnx/layer.js';
import type { ArgumentNames, TypeName } from '../registry.js';
import type { Tensor } from '../tensor.js';
import type { LayerOptions } from './built-in-layer.js';
import type { Initialization } from './layer.js';
import { WeightedLayer } from './weighted-layer.js';
import { type Padding, type PerAxis, zerosBefore } from './windows.js';

/** Options of {@link Convolutional}. */
export interface ConvolutionalOptions extends LayerOptions {
  /** As in {@link Dense}: 'auto' by default. */
  readonly initialization?: Initialization | undefined;
  /** Leaves out the biases. Default false. */
  readonly noBias?: boolean | undefined;
  /** Zeros around the image. Default 'valid': none. */
  readonly padding?: Padding | undefined;
  /** Step of the kernel. Default 1. */
  readonly stride?: PerAxis | undefined;
  /**
   * Parts that input and output channels are cut into, each seeing its own part
   * alone; as many as input channels make a depthwise convolution. Must divide
   * both numbers of channels. Default 1.
   */
  readonly groups?: number | undefined;
  /** Distance of a kernel's taps in pixels. Default 1: they are neighbours. */
  readonly dilation?: PerAxis | undefined;
}

/**
 * 2D convolution of images [N, channels, H, W], by matrix products over image
 * columns. Output height is floor((H + padding before and after - extent) / stride) + 1,
 * the extent being (kernelSize - 1) dilation + 1; output width likewise.
 * @example new Convolutional(8, [1, 5], { stride: [1, 2], padding: [[0, 0], [4, 0]] })
 */
export class Convolutional extends WeightedLayer {
  static override readonly type: TypeName<'Convolutional'> = 'Convolutional';
  static override readonly positional: ArgumentNames<['outputDepth', 'kernelSize']> = [
    'outputDepth',
    'kernelSize',
  ];
  static override readonly onnx: OnnxConverter = (layer) =>
    layer.node('Conv', [layer.input, ...layer.parameters()], {
      ...layer.windows('kernelSize'),
      group: layer.number('groups', 1),
    });
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
  constructor(outputDepth: number, kernelSize: PerAxis, options: ConvolutionalOptions = {}) {
    super(options, 'stride', { outputDepth, kernelSize });
  }

  /** Number of kernels. */
  get outputDepth(): number {
    return this.getConfig()['outputDepth'] as number;
  }

  /** Height and width of a kernel: a number where they agree. */
  get kernelSize(): PerAxis {
    return this.getConfig()['kernelSize'] as PerAxis;
  }

  /** Step of the kernel: a number where both axes agree. */
  get stride(): PerAxis {
    return this.getConfig()['stride'] as PerAxis;
  }

  /** Parts that the channels are cut into. */
  get groups(): number {
    return (this.getConfig()['groups'] as number | undefined) ?? 1;
  }

  /** Distance of a kernel's taps in pixels: a number where both axes agree. */
  get dilation(): PerAxis {
    return (this.getConfig()['dilation'] as PerAxis | undefined) ?? 1;
  }

  /**
   * Zeros above and to the left of the image: a number where they agree.
   * @throws {@link StateError} before `build()` for 'same-upper', which depends on the image.
   */
  get padding(): PerAxis {
    return zerosBefore(this, 'kernelSize');
  }

  /** Kernels [outputDepth, channels / groups, height, width], live. */
  get kernels(): Tensor {
    return this.param('kernels') as Tensor;
  }
}
