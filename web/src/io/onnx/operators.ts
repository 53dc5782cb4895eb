import { UnsupportedError } from '../../runtime/errors.js';
import type { Shape } from '../../tensor.js';
import type { FileArray } from '../file-array.js';
import type { LayerSnapshot } from '../snapshot.js';
import type { Graph } from './graph.js';

/** Where a layer's operators go. */
interface Place {
  readonly graph: Graph;
  /** Name of the layer's input. */
  readonly input: string;
  /** In front of the names of the layer's constants, as in .safetensors files. */
  readonly prefix: string;
}

/** Adds a layer's operators and returns the name of its output. */
type Operators = (layer: LayerSnapshot, place: Place) => string;

/** A constructor argument that is a number. */
function setting({ config }: LayerSnapshot, name: string, missing?: number): number {
  return (config[name] ?? missing) as number;
}

/** Adds an array, under its own shape or another. */
function add({ graph, prefix }: Place, name: string, array: FileArray, shape?: Shape): string {
  return graph.constant(prefix + name, { ...array, shape: shape ?? array.shape });
}

/** All parameters, each under its own shape or the one given. */
function parameters(layer: LayerSnapshot, place: Place, shape?: Shape): string[] {
  return Object.entries(layer.params).map(([name, array]) => add(place, name, array, shape));
}

/** A layer that is one operator without attributes. */
function operator(name: string): Operators {
  return (_, { graph, input }) => graph.node(name, [input]);
}

const dense: Operators = ({ params }, place) => {
  const { weights, biases } = params;
  const operands = [weights && add(place, 'weights', weights)];
  if (biases) operands.push(add(place, 'biases', biases, biases.shape.slice(-1)));
  return place.graph.node('Gemm', [place.input, ...(operands as string[])]);
};

const convolution: Operators = (layer, place) => {
  const size = setting(layer, 'kernelSize');
  const [stride, dilation] = [setting(layer, 'stride'), setting(layer, 'dilation', 1)];
  const padding = layer.config['padding'] as number | 'valid' | 'same';
  // Where the extent is even, 'same' adds one more after the image than before it.
  const all = padding === 'same' ? (size - 1) * dilation : 2 * (padding === 'valid' ? 0 : padding);
  const [before, after] = [Math.floor(all / 2), Math.ceil(all / 2)];
  return place.graph.node('Conv', [place.input, ...parameters(layer, place)], {
    kernel_shape: [size, size],
    strides: [stride, stride],
    dilations: [dilation, dilation],
    pads: [before, before, after, after],
    group: setting(layer, 'groups', 1),
  });
};

const batchNormalization: Operators = (layer, place) => {
  const perChannel = layer.inputShape.slice(0, 1);
  const state = Object.entries(layer.state).map(([name, array]) =>
    add(place, `state_${name}`, array, perChannel),
  );
  return place.graph.node(
    'BatchNormalization',
    [place.input, ...parameters(layer, place, perChannel), ...state],
    { epsilon: { float: setting(layer, 'epsilon') } },
  );
};

const layerNormalization: Operators = (layer, place) =>
  place.graph.node(
    'LayerNormalization',
    [place.input, ...parameters(layer, place, layer.inputShape)],
    { axis: 1, epsilon: { float: setting(layer, 'epsilon') } },
  );

function pooling(name: string): Operators {
  return (layer, { graph, input }) => {
    const [size, stride] = [setting(layer, 'poolSize'), setting(layer, 'stride')];
    return graph.node(name, [input], { kernel_shape: [size, size], strides: [stride, stride] });
  };
}

const globalAveragePooling: Operators = (_, { graph, input }) =>
  graph.node('Flatten', [graph.node('GlobalAveragePool', [input])]);

const reshape: Operators = ({ config }, { graph, input, prefix }) => {
  // 0 keeps the batch as it is.
  const shape = graph.shape(`${prefix}shape`, [0, ...(config['targetShape'] as Shape)]);
  return graph.node('Reshape', [input, shape]);
};

const leakyReLU: Operators = (layer, { graph, input }) =>
  graph.node('LeakyRelu', [input], { alpha: { float: setting(layer, 'alpha') } });

const swish: Operators = (_, { graph, input }) =>
  graph.node('Mul', [input, graph.node('Sigmoid', [input])]);

/** x / 2 (1 + tanh(z / 2)) is x sigmoid(z), here with z = 2 sqrt(2 / pi) (x + 0.044715 x^3). */
const gelu: Operators = (_, { graph, input, prefix }) => {
  const scale = 2 * Math.sqrt(2 / Math.PI);
  const linear = graph.scalar(`${prefix}linear`, scale);
  const cubic = graph.scalar(`${prefix}cubic`, scale * 0.044715);
  const square = graph.node('Mul', [input, input]);
  const slope = graph.node('Add', [graph.node('Mul', [square, cubic]), linear]);
  const sigmoid = graph.node('Sigmoid', [graph.node('Mul', [input, slope])]);
  return graph.node('Mul', [input, sigmoid]);
};

/** Softmax over the classes, or the channels of each pixel. */
export function softmax({ graph, input, prefix }: Place, temperature: number): string {
  const divided =
    temperature === 1
      ? input
      : graph.node('Div', [input, graph.scalar(`${prefix}temperature`, temperature)]);
  return graph.node('Softmax', [divided], { axis: 1 });
}

const residual: Operators = ({ layers, shortcut }, place) =>
  place.graph.node('Add', [
    addLayers(layers, place, (i) => `${place.prefix}layers_${i}_`),
    addLayers(shortcut, place, (i) => `${place.prefix}shortcut_${i}_`),
  ]);

/** Operators of every built-in layer. */
const table: Record<string, Operators> = {
  Dense: dense,
  Convolutional: convolution,
  BatchNormalization: batchNormalization,
  BatchNormalization2D: batchNormalization,
  LayerNormalization: layerNormalization,
  // Passes everything through at inference.
  Dropout: (_, { input }) => input,
  MaxPooling2D: pooling('MaxPool'),
  AveragePooling2D: pooling('AveragePool'),
  GlobalAveragePooling2D: globalAveragePooling,
  Flatten: operator('Flatten'),
  Reshape: reshape,
  ReLU: operator('Relu'),
  LeakyReLU: leakyReLU,
  PReLU: leakyReLU,
  GELU: gelu,
  Sigmoid: operator('Sigmoid'),
  Tanh: operator('Tanh'),
  Swish: swish,
  Softmax: (layer, place) => softmax(place, setting(layer, 'temperature')),
  Residual: residual,
};

/**
 * Adds the operators of layers in a row.
 * @param prefix - What the constants' names of each layer begin with.
 * @returns The name of the output.
 * @throws {@link UnsupportedError} for a layer that is not built in.
 */
export function addLayers(
  layers: readonly LayerSnapshot[],
  { graph, input }: Pick<Place, 'graph' | 'input'>,
  prefix: (index: number) => string,
): string {
  return layers.reduce((value, layer, i) => {
    const operators = layer.builtIn ? table[layer.config.type] : undefined;
    if (operators === undefined) {
      throw new UnsupportedError(
        `exportOnnx: ${prefix(i).slice(0, -1)} (${layer.config.type}) is not a built-in layer; ` +
          'only those have ONNX operators',
      );
    }
    return operators(layer, { graph, input: value, prefix: prefix(i) });
  }, input);
}
