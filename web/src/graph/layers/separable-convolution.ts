import type { KerasConverters } from '../../io/keras/layer.js';
import type { OnnxConverter } from '../../io/onnx/layer.js';
import type { ConvolutionalOptions } from '../../layers/convolutional.js';
import { WeightedLayer } from '../../layers/weighted-layer.js';
import type { PerAxis } from '../../layers/windows.js';
import type { ArgumentNames, TypeName } from '../../registry.js';
import type { Tensor } from '../../tensor.js';
import { transposed } from './transposed.js';

/** Options of {@link DepthwiseConv2D} and {@link SeparableConv2D}. */
export interface DepthwiseOptions extends Omit<ConvolutionalOptions, 'groups'> {
  /** Outputs of the depthwise convolution for each channel. At least 1, the default. */
  readonly depthMultiplier?: number | undefined;
}

/**
 * 2D convolution of each channel of images [N, C, H, W] by kernels of its own, to [N, C
 * depthMultiplier, H', W']: channels m c to m c + m - 1 are made of channel c. Height and width are
 * those of {@link Convolutional}, which this is with as many groups as channels.
 * @example new DepthwiseConv2D(3, { stride: 2, padding: 'same-upper' })
 */
export class DepthwiseConv2D extends WeightedLayer {
  static override readonly type: TypeName<'DepthwiseConv2D'> = 'DepthwiseConv2D';
  static override readonly positional: ArgumentNames<['kernelSize']> = ['kernelSize'];
  static override readonly onnx: OnnxConverter = (layer) =>
    layer.node('Conv', [layer.input, ...layer.parameters()], {
      ...layer.windows('kernelSize'),
      group: layer.inputShape[0] as number,
    });
  static override readonly keras: KerasConverters = {
    DepthwiseConv2D: (layer) => {
      const { outputDepth, groups, ...others } = layer.convolution(true);
      return { ...others, depthMultiplier: (outputDepth as number) / (groups as number) };
    },
  };

  /**
   * @param kernelSize - Height and width of a kernel.
   * @throws {@link ArgumentTypeError} or {@link ValueError} for sizes, strides or a multiplier below
   * 1, padding below 0, and an unknown word.
   */
  constructor(kernelSize: PerAxis, options: DepthwiseOptions = {}) {
    super(options, 'stride', { kernelSize });
  }

  /** Outputs for each channel. */
  get depthMultiplier(): number {
    return this.getConfig()['depthMultiplier'] as number;
  }

  /**
   * Kernels [C depthMultiplier, 1, height, width], live. Keras has [height, width, C,
   * depthMultiplier].
   */
  get kernels(): Tensor {
    return this.param('kernels') as Tensor;
  }
}

/**
 * A depthwise convolution of images [N, C, H, W] without biases, and a convolution by 1 x 1, with
 * biases, of its C depthMultiplier channels, to [N, outputDepth, H', W']. Source: Chollet, "Xception:
 * deep learning with depthwise separable convolutions", 2017.
 * @example new SeparableConv2D(64, 3, { padding: 'same' })
 */
export class SeparableConv2D extends WeightedLayer {
  static override readonly type: TypeName<'SeparableConv2D'> = 'SeparableConv2D';
  static override readonly positional: ArgumentNames<['outputDepth', 'kernelSize']> = [
    'outputDepth',
    'kernelSize',
  ];
  static override readonly onnx: OnnxConverter = (layer) => {
    const [depthwise = '', ...pointwise] = layer.parameters();
    const middle = layer.node('Conv', [layer.input, depthwise], {
      ...layer.windows('kernelSize'),
      group: layer.inputShape[0] as number,
    });
    return layer.node('Conv', [middle, ...pointwise]);
  };
  static override readonly keras: KerasConverters = {
    SeparableConv2D: (layer) => {
      const [channels, ...size] = layer.image();
      const kernelSize = layer.pair('kernel_size');
      const stride = layer.pair('strides', [1, 1]);
      const dilation = layer.pair('dilation_rate', [1, 1]);
      const depthMultiplier = layer.size('depth_multiplier', 1);
      const outputDepth = layer.size('filters');
      const noBias = !layer.flag('use_bias', true);
      const { output, padding } = layer.slide(size, kernelSize, stride, dilation);
      const middle = channels * depthMultiplier;
      const depthwise = layer.take(
        ['depthwise_kernel'],
        [...kernelSize, channels, depthMultiplier],
      );
      const pointwise = layer.take(['pointwise_kernel'], [1, 1, middle, outputDepth]);
      layer.arrays['depthwiseKernels'] = {
        shape: [middle, 1, ...kernelSize],
        data: transposed(depthwise, middle),
      };
      layer.arrays['pointwiseKernels'] = {
        shape: [outputDepth, middle, 1, 1],
        data: transposed(pointwise, outputDepth),
      };
      if (!noBias) layer.load('biases', [outputDepth], 'bias');
      layer.shape = [outputDepth, ...output];
      return { outputDepth, kernelSize, stride, dilation, depthMultiplier, noBias, padding };
    },
  };

  /**
   * @param outputDepth - Channels of the output.
   * @param kernelSize - Height and width of a depthwise kernel.
   * @throws As {@link DepthwiseConv2D}.
   */
  constructor(outputDepth: number, kernelSize: PerAxis, options: DepthwiseOptions = {}) {
    super(options, 'stride', { outputDepth, kernelSize });
  }

  /** Channels of the output. */
  get outputDepth(): number {
    return this.getConfig()['outputDepth'] as number;
  }

  /** Outputs of the depthwise convolution for each channel. */
  get depthMultiplier(): number {
    return this.getConfig()['depthMultiplier'] as number;
  }

  /** Kernels [C depthMultiplier, 1, height, width], live; Keras's as for {@link DepthwiseConv2D}. */
  get depthwiseKernels(): Tensor {
    return this.param('depthwiseKernels') as Tensor;
  }

  /**
   * Kernels [outputDepth, C depthMultiplier, 1, 1], live. Keras has [1, 1, C depthMultiplier,
   * outputDepth].
   */
  get pointwiseKernels(): Tensor {
    return this.param('pointwiseKernels') as Tensor;
  }
}
