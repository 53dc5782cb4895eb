import { axisOf } from '../../axis.js';
import type { Config } from '../../layers/layer.js';
import type { Padding } from '../../layers/windows.js';
import type { Shape } from '../../shape.js';
import { FormatError, showShape } from '../../runtime/errors.js';
import { elementCount } from '../binary.js';
import type { FileArray } from '../file-array.js';
import { KerasSettings } from './settings.js';
import type { ListedLayer } from './topology.js';

/** Where the arrays of a Keras model come from. */
export interface KerasWeights {
  /**
   * The next array of a layer.
   * @param names - What Keras and TensorFlow.js call it.
   * @throws {@link FormatError} when it is missing.
   */
  take(layer: string, names: readonly string[]): { entry: string; array: FileArray };
}

/** The output of the layers so far. */
export interface Flow {
  /** Of a sample; images are [channels, height, width] whatever Keras has. */
  shape: Shape;
  /**
   * Shape of the images that a vector was made of, where Keras has its numbers
   * in another order: height, width, channels.
   */
  flattened?: Shape | undefined;
  /** How Keras has images. */
  readonly format: 'channels_first' | 'channels_last';
}

/**
 * Makes the constructor arguments of a layer from one of Keras's, gives it its arrays, and says which
 * shape comes out if it is another. The type is that of the class that has the converter, unless the
 * arguments say another. A converter without anything to do is the arguments themselves.
 */
export type KerasConverter = Config | ((layer: KerasLayer) => Config);

/** Converters by the names that Keras has for layers (`ReLU`) and for activations (`relu`). */
export type KerasConverters = Readonly<Record<string, KerasConverter>>;

/** A sample's shape as lamella has it. */
export function fromKeras(shape: Shape, format: Flow['format']): Shape {
  const [height, width, channels] = shape;
  return shape.length === 3 && format === 'channels_last'
    ? ([channels, height, width] as number[])
    : shape;
}

/** A layer as Keras describes it. Errors name it. */
export class KerasLayer extends KerasSettings {
  /** Arrays of the layer that is made, by the names that .npz files have for them. */
  readonly arrays: Record<string, FileArray> = {};

  constructor(
    { type, name, config }: ListedLayer,
    readonly weights: KerasWeights,
    readonly flow: Flow,
  ) {
    super(type, name, config);
  }

  /** Shape of a sample going in; setting it says what comes out. */
  get shape(): Shape {
    return this.flow.shape;
  }

  set shape(shape: Shape) {
    this.flow.shape = shape;
    this.flow.flattened = undefined;
  }

  /** The sizes of an image going in. */
  image(): readonly [channels: number, height: number, width: number] {
    const { shape } = this;
    if (shape.length === 3) return shape as unknown as readonly [number, number, number];
    throw this.unsupported(`wants images, got samples of shape [${shape.join(', ')}]`);
  }

  /** The axis of the channels or features, from the back. */
  get channelAxis(): number {
    return this.shape.length === 3 && this.flow.format === 'channels_first' ? -3 : -1;
  }

  /** The index within lamella's samples of an axis of Keras's, which is counted from the back. */
  axisOfSample(axis: number): number {
    const index = axis + this.shape.length;
    // Images are [height, width, channels] there.
    return this.shape.length === 3 && this.flow.format === 'channels_last'
      ? (index + 1) % 3
      : index;
  }

  /** The option `axis` for such an index, left out where it is lamella's default. */
  axisOption(axis: number): Config {
    return axis === axisOf(this.shape) ? {} : { axis };
  }

  /** The only axis that the layer names, by its index within lamella's samples. */
  onlyAxis(): number {
    const [axis, ...more] = this.axes('axis', this.shape.length);
    if (axis !== undefined && axis < 0 && more.length === 0) return this.axisOfSample(axis);
    throw this.unsupported('axis must be a single one, and not that of the batch');
  }

  /** @throws {@link UnsupportedError} unless the layer works along the channels or features. */
  wantsChannelAxis(): void {
    if (this.axes('axis', this.shape.length).join() === String(this.channelAxis)) return;
    throw this.unsupported('axis must be that of the channels, features or classes');
  }

  /** The size of images that windows make of images, and the padding, which Keras has by word. */
  slide(
    image: readonly [number, number],
    size: readonly [number, number],
    stride: readonly [number, number],
    dilation: readonly [number, number] = [1, 1],
  ): { output: readonly number[]; padding: Padding } {
    const word = this.text('padding', 'valid');
    if (word !== 'valid' && word !== 'same') {
      throw this.unsupported(`padding must be valid or same, got '${word}'`);
    }
    const output = image.map((length, axis) => {
      const extent =
        word === 'same' ? 1 : ((size[axis] as number) - 1) * (dilation[axis] as number) + 1;
      return Math.floor((length - extent) / (stride[axis] as number)) + 1;
    });
    // At stride 1 they are the same, and 'same' is what older readers know.
    const same = stride.join() === '1,1' ? 'same' : 'same-upper';
    return { output, padding: word === 'same' ? same : word };
  }

  /** The layer's next array, which must have a shape, in lamella's order of a vector's numbers. */
  take(names: readonly string[], shape: Shape): FileArray['data'] {
    const { entry, array } = this.weights.take(this.name, names);
    if (array.shape.join() === shape.join()) return this.#reorder(array.data);
    throw new FormatError(
      entry,
      `should have shape ${showShape(shape)}, has ${showShape(array.shape)}`,
    );
  }

  /**
   * Gives the layer that is made its next array.
   * @param own - Its name there.
   * @param name - Keras's.
   * @param from - Its shape in Keras, if it is another.
   */
  load(own: string, shape: Shape, name: string, from = shape): void {
    this.arrays[own] = { shape, data: this.take([name], from) };
  }

  /** The arguments of a Dense, to which it gives its arrays. */
  dense(): Config {
    const axis = this.axisOfSample(-1);
    const inputShape = this.shape;
    const [inputSize = 0, outputSize] = [inputShape[axis], this.size('units')];
    const noBias = !this.flag('use_bias', true);
    this.load('weights', [inputSize, outputSize], 'kernel');
    this.shape = inputShape.map((size, i) => (i === axis ? outputSize : size));
    if (!noBias) this.load('biases', [1, outputSize], 'bias', [outputSize]);
    return { outputSize, inputShape, noBias, ...this.axisOption(axis) };
  }

  /** The arguments of a LayerNormalization, to which it gives its arrays. */
  layerNormalization(): Config {
    const axis = this.onlyAxis();
    const features = this.shape[axis] as number;
    this.wants('scale', true);
    this.wants('center', true);
    this.wants('rms_scaling', false);
    for (const name of ['gamma', 'beta']) this.load(name, [1, features], name, [features]);
    // Of a vector, those are all numbers.
    return { epsilon: this.number('epsilon', 1e-3), ...(this.shape.length > 1 && { axis }) };
  }

  /** The arguments of a Convolutional, to which it gives its arrays. */
  convolution(depthwise: boolean): Config {
    const [channels, ...size] = this.image();
    const kernelSize = this.pair('kernel_size');
    const stride = this.pair('strides', [1, 1]);
    const dilation = this.pair('dilation_rate', [1, 1]);
    const multiplier = depthwise ? this.size('depth_multiplier', 1) : 1;
    const groups = depthwise ? channels : this.size('groups', 1);
    const outputDepth = depthwise ? channels * multiplier : this.size('filters');
    const noBias = !this.flag('use_bias', true);
    const { output, padding } = this.slide(size, kernelSize, stride, dilation);
    const inputs = channels / groups;
    const kernels = this.take(depthwise ? ['depthwise_kernel', 'kernel'] : ['kernel'], [
      ...kernelSize,
      ...(depthwise ? [channels, multiplier] : [inputs, outputDepth]),
    ]);
    // [height, width, inputs, outputs] to [outputs, inputs, height, width]. (Of a depthwise
    // kernel the last two are one: the output channels.)
    const taps = kernelSize[0] * kernelSize[1];
    const data = new Float32Array(kernels.length);
    let from = 0;
    for (let tap = 0; tap < taps; tap++)
      for (let i = 0; i < inputs; i++)
        for (let o = 0; o < outputDepth; o++)
          data[(o * inputs + i) * taps + tap] = kernels[from++] as number;
    this.arrays['kernels'] = { shape: [outputDepth, inputs, ...kernelSize], data };
    if (!noBias) this.load('biases', [outputDepth], 'bias');
    this.shape = [outputDepth, ...output];
    return { outputDepth, kernelSize, stride, dilation, groups, noBias, padding };
  }

  /** The arguments of a pooling layer. */
  pooling(): Config {
    const [channels, ...size] = this.image();
    const poolSize = this.pair('pool_size', [2, 2]);
    const stride = this.pair('strides', poolSize);
    const { output, padding } = this.slide(size, poolSize, stride);
    this.shape = [channels, ...output];
    return { poolSize, stride, padding };
  }

  /** The arguments of a pooling layer whose window is the whole image. */
  globalPooling(): Config {
    this.wants('keepdims', false);
    this.shape = [this.image()[0]];
    return {};
  }

  /** The arguments of a ReLU, which is a LeakyReLU with a slope and a ReLU6 with a greatest value of 6. */
  relu(): Config {
    this.wants('threshold', 0);
    const alpha = this.number('negative_slope', 0);
    if (alpha === 0 && this.setting('max_value') === 6) return { type: 'ReLU6' };
    this.wants('max_value', null);
    return alpha === 0 ? {} : { type: 'LeakyReLU', alpha };
  }

  /** The arguments of a batch normalization, of vectors or images, to which it gives its arrays. */
  batchNormalization(): Config {
    this.wantsChannelAxis();
    const [channels = 0, ...pixels] = this.shape;
    if (pixels.length === 1) throw this.unsupported('wants vectors or images');
    const shape = [1, channels, ...pixels.map(() => 1)];
    const constants: [name: string, value: number][] = [];
    const load = (name: string, flag: string, otherwise: number): void => {
      if (this.flag(flag, true)) this.load(name, shape, name, [channels]);
      else constants.push([name, otherwise]);
    };
    load('gamma', 'scale', 1);
    load('beta', 'center', 0);
    this.load('state_cache_m', shape, 'moving_mean', [channels]);
    this.load('state_cache_v', shape, 'moving_variance', [channels]);
    // Of the size of those that the file has, so that nothing grows with what it only claims.
    for (const [name, value] of constants) {
      this.arrays[name] = { shape, data: new Float32Array(channels).fill(value) };
    }
    return {
      type: pixels.length === 0 ? 'BatchNormalization' : 'BatchNormalization2D',
      momentum: this.number('momentum', 0.99),
      epsilon: this.number('epsilon', 1e-3),
    };
  }

  /** The arguments of a Flatten. */
  flatten(): Config {
    const { shape, flow } = this;
    const own = this.text('data_format', 'channels_last');
    if (own === 'channels_first' && flow.format === 'channels_last') {
      throw this.unsupported('data_format must be that of the other layers, channels_last');
    }
    this.shape = [elementCount(this.name, shape)];
    if (shape.length === 3) {
      const [channels, height, width] = shape as readonly [number, number, number];
      // Keras's vector has the channels last, unless the layer is not told that they were first.
      const channelsLast = flow.format === 'channels_last' || own === 'channels_first';
      if (channelsLast && channels > 1 && height * width > 1) flow.flattened = shape;
    }
    return {};
  }

  /** The arguments of a Reshape. */
  reshape(): Config {
    const { flow, shape } = this;
    const target = this.sizes('target_shape');
    const targetShape = fromKeras(target, flow.format);
    // The same order on both sides: vectors that are no images, and images of one channel.
    const same = (sizes: Shape): boolean =>
      sizes.length < 3 ||
      (sizes.length === 3 && (flow.format === 'channels_first' || sizes[0] === 1));
    if (flow.flattened !== undefined || !same(shape) || !same(targetShape)) {
      throw this.unsupported(
        `target_shape must be a vector, a sequence or images of one channel, from such; got ` +
          `[${target.join(', ')}]`,
      );
    }
    this.shape = targetShape;
    return { targetShape };
  }

  /** The numbers of a vector, or of the rows of a matrix, in lamella's order. */
  #reorder(data: FileArray['data']): FileArray['data'] {
    const { flattened, shape } = this.flow;
    if (flattened === undefined) return data;
    const [channels, height, width] = flattened as readonly [number, number, number];
    const columns = data.length / (shape[0] as number);
    const result = new Float32Array(data.length);
    let to = 0;
    for (let c = 0; c < channels; c++) {
      for (let pixel = 0; pixel < height * width; pixel++, to += columns) {
        const from = (pixel * channels + c) * columns;
        result.set(data.subarray(from, from + columns), to);
      }
    }
    return result;
  }
}
