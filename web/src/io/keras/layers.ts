import type { LayerConfig } from '../../layers/layer.js';
import { elementCount } from '../binary.js';
import type { FileArray } from '../file-array.js';
import { asCount, asList } from '../json.js';
import type { KerasLayer } from './layer.js';

/** A layer of lamella's, with its arrays by the names that .npz files have for them. */
export interface Part {
  readonly config: LayerConfig;
  readonly arrays?: Readonly<Record<string, FileArray>>;
}

/** The output of the layers so far. */
export interface Flow {
  /** Of a sample; images are [channels, height, width] whatever Keras has. */
  shape: readonly number[];
  /**
   * Shape of the images that a vector was made of, where Keras has its numbers
   * in another order: height, width, channels.
   */
  flattened?: readonly number[] | undefined;
  /** How Keras has images. */
  readonly format: 'channels_first' | 'channels_last';
}

type Convert = (layer: KerasLayer, flow: Flow) => Part[];

type Image = readonly [channels: number, height: number, width: number];

function image(layer: KerasLayer, { shape }: Flow): Image {
  if (shape.length === 3) return shape as unknown as Image;
  throw layer.unsupported(`wants images, got samples of shape [${shape.join(', ')}]`);
}

function vector(layer: KerasLayer, { shape }: Flow): number {
  if (shape.length === 1) return shape[0] as number;
  throw layer.unsupported(`wants vectors, got samples of shape [${shape.join(', ')}]`);
}

/** The numbers of a vector, or of the rows of a matrix, in lamella's order. */
function reorder(data: FileArray['data'], { flattened, shape }: Flow): FileArray['data'] {
  if (flattened === undefined) return data;
  const [channels, height, width] = flattened as Image;
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

/** The axis of the channels, from the back. */
function channelAxis({ shape, format }: Flow): number {
  return shape.length === 3 && format === 'channels_first' ? -3 : -1;
}

/** Activations that both sides have, by Keras's names. */
const activations: Record<string, string | undefined> = {
  relu: 'ReLU',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  softmax: 'Softmax',
  swish: 'Swish',
  silu: 'Swish',
  gelu_new: 'GELU',
};

/** The layer for a setting `activation`, none for a linear one. */
function activation(layer: KerasLayer, flow: Flow): Part[] {
  const name = layer.text('activation', 'linear');
  if (name === 'linear') return [];
  const type = Object.hasOwn(activations, name) ? activations[name] : undefined;
  if (type === undefined) {
    throw layer.unsupported(
      `activation must be linear, ${Object.keys(activations).join(', ')}; got ` +
        `'${name.slice(0, 50)}'${name === 'gelu' ? ", the exact one; lamella's has tanh" : ''}`,
    );
  }
  if (type === 'Softmax' && channelAxis(flow) !== -1) {
    throw layer.unsupported('softmax must be over the channels, got rows of pixels');
  }
  return [{ config: { type } }];
}

const dense: Convert = (layer, flow) => {
  const [inputs, units] = [vector(layer, flow), layer.size('units')];
  const noBias = !layer.flag('use_bias', true);
  const weights = reorder(layer.take(['kernel'], [inputs, units]), flow);
  flow.shape = [units];
  flow.flattened = undefined;
  return [
    {
      config: { type: 'Dense', outputSize: units, inputSize: inputs, noBias },
      arrays: {
        weights: { shape: [inputs, units], data: weights },
        ...(!noBias && { biases: { shape: [1, units], data: layer.take(['bias'], [units]) } }),
      },
    },
    ...activation(layer, flow),
  ];
};

/**
 * Zeros around an image of some size so that lamella's convolution does what
 * Keras's does. With 'same', Keras has ceil(size / stride) outputs, and adds as
 * few zeros as that takes, the odd one at the end: what lamella's 'same' does at
 * stride 1. At others it adds equally many before and after; a kernel that begins
 * with zeros over `lead` pixels undoes the one too many.
 */
function padding(
  layer: KerasLayer,
  size: number,
  { kernelSize, stride, dilation }: { kernelSize: number; stride: number; dilation: number },
): { output: number; around: number | 'same'; lead: number } {
  const extent = (kernelSize - 1) * dilation + 1;
  const word = layer.text('padding', 'valid');
  if (word === 'valid') {
    return { output: Math.floor((size - extent) / stride) + 1, around: 0, lead: 0 };
  }
  if (word !== 'same') throw layer.unsupported(`padding must be valid or same, got '${word}'`);
  if (stride === 1) return { output: size, around: 'same', lead: 0 };
  const output = Math.ceil(size / stride);
  const total = Math.max((output - 1) * stride + extent - size, 0);
  const around = Math.ceil(total / 2);
  return { output, around, lead: around - Math.floor(total / 2) };
}

function convolution(depthwise: boolean): Convert {
  return (layer, flow) => {
    const [channels, height, width] = image(layer, flow);
    const kernelSize = layer.square('kernel_size');
    const stride = layer.square('strides', 1);
    const dilation = layer.square('dilation_rate', 1);
    const multiplier = depthwise ? layer.size('depth_multiplier', 1) : 1;
    const groups = depthwise ? channels : layer.size('groups', 1);
    const outputDepth = depthwise ? channels * multiplier : layer.size('filters');
    const noBias = !layer.flag('use_bias', true);
    const rows = padding(layer, height, { kernelSize, stride, dilation });
    const columns = padding(layer, width, { kernelSize, stride, dilation });
    const { around, lead } = rows;
    if (columns.around !== around || columns.lead !== lead || lead % dilation !== 0) {
      throw layer.unsupported(
        `padding 'same' of images [${height}, ${width}] with stride ${stride} and dilation ` +
          `${dilation} must be the same for rows and columns, and a multiple of the dilation`,
      );
    }
    const inputs = channels / groups;
    const kernels = layer.take(
      depthwise ? ['depthwise_kernel', 'kernel'] : ['kernel'],
      depthwise
        ? [kernelSize, kernelSize, channels, multiplier]
        : [kernelSize, kernelSize, inputs, outputDepth],
    );
    // [height, width, inputs, outputs] to [outputs, inputs, height, width], zeros in front. (Of a
    // depthwise kernel the last two are one: the output channels.)
    const [before, size] = [lead / dilation, kernelSize + lead / dilation];
    const data = new Float32Array(outputDepth * inputs * size * size);
    const tap = (o: number, i: number, y: number, x: number): number =>
      ((o * inputs + i) * size + y + before) * size + x + before;
    let from = 0;
    for (let y = 0; y < kernelSize; y++)
      for (let x = 0; x < kernelSize; x++)
        for (let i = 0; i < inputs; i++)
          for (let o = 0; o < outputDepth; o++) data[tap(o, i, y, x)] = kernels[from++] as number;
    flow.shape = [outputDepth, rows.output, columns.output];
    return [
      {
        config: {
          type: 'Convolutional',
          outputDepth,
          kernelSize: size,
          stride,
          dilation,
          groups,
          noBias,
          padding: around,
        },
        arrays: {
          kernels: { shape: [outputDepth, inputs, size, size], data },
          ...(!noBias && {
            biases: { shape: [outputDepth], data: layer.take(['bias'], [outputDepth]) },
          }),
        },
      },
      ...activation(layer, flow),
    ];
  };
}

const batchNormalization: Convert = (layer, flow) => {
  const [first = 0, ...more] = layer.axes('axis', flow.shape.length);
  const is2d = flow.shape.length === 3;
  if (first !== channelAxis(flow) || more.length > 0 || !(is2d || flow.shape.length === 1)) {
    throw layer.unsupported(`axis must be that of the channels or features`);
  }
  const channels = flow.shape[0] as number;
  const shape = is2d ? [1, channels, 1, 1] : [1, channels];
  const take = (name: string): FileArray => ({
    shape,
    data: reorder(layer.take([name], [channels]), is2d ? { ...flow, flattened: undefined } : flow),
  });
  const constant = (value: number): FileArray => ({
    shape,
    data: new Float32Array(channels).fill(value),
  });
  const gamma = layer.flag('scale', true) ? take('gamma') : undefined;
  const beta = layer.flag('center', true) ? take('beta') : undefined;
  // Of the file's size, so that nothing grows with what the file only claims.
  const [mean, variance] = [take('moving_mean'), take('moving_variance')];
  return [
    {
      config: {
        type: is2d ? 'BatchNormalization2D' : 'BatchNormalization',
        momentum: layer.number('momentum', 0.99),
        epsilon: layer.number('epsilon', 1e-3),
      },
      arrays: {
        gamma: gamma ?? constant(1),
        beta: beta ?? constant(0),
        state_cache_m: mean,
        state_cache_v: variance,
      },
    },
  ];
};

const layerNormalization: Convert = (layer, flow) => {
  const features = vector(layer, flow);
  if (layer.axes('axis', 1).join() !== '-1') throw layer.unsupported('axis must be the last');
  layer.wants('scale', true);
  layer.wants('center', true);
  layer.wants('rms_scaling', false);
  const take = (name: string): FileArray => ({
    shape: [1, features],
    data: reorder(layer.take([name], [features]), flow),
  });
  return [
    {
      config: { type: 'LayerNormalization', epsilon: layer.number('epsilon', 1e-3) },
      arrays: { gamma: take('gamma'), beta: take('beta') },
    },
  ];
};

function pooling(type: string): Convert {
  return (layer, flow) => {
    const [channels, height, width] = image(layer, flow);
    const poolSize = layer.square('pool_size', 2);
    const stride = layer.square('strides', poolSize);
    const [rows, columns] = [height, width].map((size) => {
      const { output, around } = padding(layer, size, {
        kernelSize: poolSize,
        stride,
        dilation: 1,
      });
      if (around === 0) return output;
      throw layer.unsupported(`padding 'same' must add nothing, got images of size ${size}`);
    }) as [number, number];
    flow.shape = [channels, rows, columns];
    return [{ config: { type, poolSize, stride } }];
  };
}

const globalAveragePooling: Convert = (layer, flow) => {
  layer.wants('keepdims', false);
  flow.shape = [image(layer, flow)[0]];
  return [{ config: { type: 'GlobalAveragePooling2D' } }];
};

const flatten: Convert = (layer, flow) => {
  const { shape, format } = flow;
  const own = layer.text('data_format', 'channels_last');
  if (own === 'channels_first' && format === 'channels_last') {
    throw layer.unsupported('data_format must be that of the other layers, channels_last');
  }
  if (shape.length === 3) {
    const [channels, height, width] = image(layer, flow);
    // Keras's vector has the channels last, unless the layer is not told that they were first.
    const channelsLast = format === 'channels_last' || own === 'channels_first';
    if (channelsLast && channels > 1 && height * width > 1) flow.flattened = shape;
  }
  flow.shape = [elementCount(layer.name, shape)];
  return [{ config: { type: 'Flatten' } }];
};

const reshape: Convert = (layer, flow) => {
  const target = asList(layer.name, layer.setting('target_shape')).map((dim) =>
    asCount(layer.name, dim),
  );
  const ours = fromKeras(target, flow.format);
  // The same order on both sides: vectors that are no images, and images of one channel.
  const same = (shape: readonly number[]): boolean =>
    shape.length === 1 ||
    (shape.length === 3 && (flow.format === 'channels_first' || shape[0] === 1));
  if (flow.flattened !== undefined || !same(flow.shape) || !same(ours)) {
    throw layer.unsupported(
      `target_shape must be a vector or images of one channel, from such; got ` +
        `[${target.join(', ')}]`,
    );
  }
  flow.shape = ours;
  return [{ config: { type: 'Reshape', targetShape: ours } }];
};

const reLU: Convert = (layer) => {
  if (layer.setting('max_value') !== undefined) throw layer.unsupported('max_value must be null');
  layer.wants('threshold', 0);
  const alpha = layer.number('negative_slope', 0);
  return [{ config: alpha === 0 ? { type: 'ReLU' } : { type: 'LeakyReLU', alpha } }];
};

const leakyReLU: Convert = (layer) => {
  // Keras 3 says negative_slope, the others alpha.
  const alpha = layer.number('negative_slope', layer.number('alpha', 0.3));
  return [{ config: { type: 'LeakyReLU', alpha } }];
};

const softmax: Convert = (layer, flow) => {
  if (layer.axes('axis', flow.shape.length).join() !== String(channelAxis(flow))) {
    throw layer.unsupported('axis must be that of the channels or classes');
  }
  return [{ config: { type: 'Softmax' } }];
};

/** How each Keras layer becomes layers of lamella's. */
export const converters: Record<string, Convert | undefined> = {
  InputLayer: () => [],
  Dense: dense,
  Conv2D: convolution(false),
  DepthwiseConv2D: convolution(true),
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  Dropout: (layer) => [{ config: { type: 'Dropout', probability: layer.number('rate', 0.5) } }],
  MaxPooling2D: pooling('MaxPooling2D'),
  AveragePooling2D: pooling('AveragePooling2D'),
  GlobalAveragePooling2D: globalAveragePooling,
  Flatten: flatten,
  Reshape: reshape,
  Activation: activation,
  ReLU: reLU,
  LeakyReLU: leakyReLU,
  Softmax: softmax,
};

/** A sample's shape as lamella has it. */
export function fromKeras(shape: readonly number[], format: Flow['format']): readonly number[] {
  const [height, width, channels] = shape;
  return shape.length === 3 && format === 'channels_last'
    ? ([channels, height, width] as number[])
    : shape;
}
