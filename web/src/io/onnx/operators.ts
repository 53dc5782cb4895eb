import type { LeakyReLU, PReLU, Softmax } from '../../layers/activations.js';
import type { BatchNormalization } from '../../layers/batch-normalization.js';
import { BuiltInLayer } from '../../layers/built-in-layer.js';
import type { Convolutional } from '../../layers/convolutional.js';
import type { Layer } from '../../layers/layer.js';
import type { LayerNormalization } from '../../layers/layer-normalization.js';
import type { MaxPooling2D } from '../../layers/pooling.js';
import type { Reshape } from '../../layers/reshape.js';
import type { Residual } from '../../layers/residual.js';
import { UnsupportedError } from '../../runtime/errors.js';
import type { Shape, Tensor } from '../../tensor.js';
import { fileArray } from '../arrays.js';
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
type Operators<L extends Layer = Layer> = (layer: L, place: Place) => string;

/** Adds a tensor, under its own shape or another. */
function add({ graph, prefix }: Place, name: string, tensor: Tensor, shape?: Shape): string {
  const array = fileArray(tensor);
  return graph.constant(prefix + name, { ...array, shape: shape ?? array.shape });
}

/** All parameters, each under its own shape or the one given. */
function parameters(layer: Layer, place: Place, shape?: Shape): string[] {
  return Object.entries(layer.params).map(([name, { value }]) => add(place, name, value, shape));
}

/** A layer that is one operator without attributes. */
function operator(name: string): Operators {
  return (_, { graph, input }) => graph.node(name, [input]);
}

const dense: Operators = (layer, place) => {
  const { weights, biases } = layer.params;
  const operands = [weights && add(place, 'weights', weights.value)];
  if (biases) operands.push(add(place, 'biases', biases.value, [layer.outputSize]));
  return place.graph.node('Gemm', [place.input, ...(operands as string[])]);
};

const convolution: Operators<Convolutional> = (layer, place) => {
  const { kernelSize, stride, dilation, padding, groups } = layer;
  // What 'same' adds after the image is one more than before it where the extent is even.
  const extent = (kernelSize - 1) * dilation;
  const after = layer.getConfig()['padding'] === 'same' ? extent - padding : padding;
  return place.graph.node('Conv', [place.input, ...parameters(layer, place)], {
    kernel_shape: [kernelSize, kernelSize],
    strides: [stride, stride],
    dilations: [dilation, dilation],
    pads: [padding, padding, after, after],
    group: groups,
  });
};

const batchNormalization: Operators<BatchNormalization> = (layer, place) => {
  const perChannel = [layer.inputShape[0] as number];
  const state = Object.entries(layer.state).map(([name, value]) =>
    add(place, `state_${name}`, value, perChannel),
  );
  return place.graph.node(
    'BatchNormalization',
    [place.input, ...parameters(layer, place, perChannel), ...state],
    { epsilon: { float: layer.epsilon } },
  );
};

const layerNormalization: Operators<LayerNormalization> = (layer, place) =>
  place.graph.node(
    'LayerNormalization',
    [place.input, ...parameters(layer, place, layer.inputShape)],
    { axis: 1, epsilon: { float: layer.epsilon } },
  );

function pooling(name: string): Operators<MaxPooling2D> {
  return ({ poolSize, stride }, { graph, input }) =>
    graph.node(name, [input], {
      kernel_shape: [poolSize, poolSize],
      strides: [stride, stride],
    });
}

const globalAveragePooling: Operators = (_, { graph, input }) =>
  graph.node('Flatten', [graph.node('GlobalAveragePool', [input])]);

const reshape: Operators<Reshape> = (layer, { graph, input, prefix }) => {
  // 0 keeps the batch as it is.
  const shape = graph.shape(`${prefix}shape`, [0, ...layer.targetShape]);
  return graph.node('Reshape', [input, shape]);
};

const leakyReLU: Operators<LeakyReLU | PReLU> = ({ alpha }, { graph, input }) =>
  graph.node('LeakyRelu', [input], { alpha: { float: alpha } });

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

const residual: Operators<Residual> = ({ layers, shortcut }, place) =>
  place.graph.node('Add', [
    addLayers(layers, place, (i) => `${place.prefix}layers_${String(i)}_`),
    addLayers(shortcut, place, (i) => `${place.prefix}shortcut_${String(i)}_`),
  ]);

/** Operators of every built-in layer. */
const table: Record<string, Operators<never>> = {
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
  Softmax: ({ temperature }: Softmax, place) => softmax(place, temperature),
  Residual: residual,
};

/**
 * Adds the operators of layers in a row.
 * @param prefix - What the constants' names of each layer begin with.
 * @returns The name of the output.
 * @throws {@link UnsupportedError} for a layer that is not built in.
 */
export function addLayers(
  layers: readonly Layer[],
  { graph, input }: Pick<Place, 'graph' | 'input'>,
  prefix: (index: number) => string,
): string {
  return layers.reduce((value, layer, i) => {
    const operators = layer instanceof BuiltInLayer ? table[layer.type] : undefined;
    if (operators === undefined) {
      throw new UnsupportedError(
        `exportOnnx: ${prefix(i).slice(0, -1)} (${layer.type}) is not a built-in layer; ` +
          'only those have ONNX operators',
      );
    }
    return (operators as Operators)(layer, { graph, input: value, prefix: prefix(i) });
  }, input);
}
