import { type Layer, type Model, tensor } from 'lamella';
import type { Histogram, LayerLook, Look, Maps } from '../protocol.js';

/** Most images shown of a layer. */
const mostMaps = 16;
/** Numbers in a row of the picture of a list. */
const listColumns = 32;
const bins = 31;

/** The output of a layer for one sample as images: channels, or a list broken into rows. */
function toMaps(values: Float32Array, shape: readonly number[]): Maps {
  const [channels = 1, height = 1, width = 1] = shape;
  if (shape.length === 3) {
    const count = Math.min(channels, mostMaps);
    return { count, height, width, values: values.slice(0, count * height * width) };
  }
  const columns = Math.min(values.length, listColumns);
  const rows = Math.ceil(values.length / columns);
  const padded = new Float32Array(rows * columns);
  padded.set(values);
  return { count: 1, height: rows, width: columns, values: padded };
}

function toHistogram(values: Float32Array): Histogram {
  const range = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.floor(((value / (range || 1) + 1) / 2) * bins);
    const at = Math.min(bins - 1, bin);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return { range, counts };
}

/** The weights of the first layer that has any, as images; none when layers before it mix pixels. */
function firstKernels(layers: readonly Layer[]): Maps | undefined {
  const first = layers.find((layer) => Object.keys(layer.params).length > 0);
  const { kernels, weights } = first?.params ?? {};
  if (kernels) {
    const [outputs = 0, channels = 0, height = 0, width = 0] = kernels.value.shape;
    if (channels !== 1) return undefined;
    const count = Math.min(outputs, mostMaps);
    const values = kernels.value.toArray().slice(0, count * height * width);
    return { count, height, width, values };
  }
  if (weights?.value.shape[0] !== 784) return undefined;
  // A column of the matrix holds what one output makes of the 784 pixels.
  const outputs = weights.value.shape[1] ?? 0;
  const all = weights.value.toArray();
  const count = Math.min(outputs, mostMaps);
  const values = Float32Array.from({ length: count * 784 }, (_, i) => {
    return all[(i % 784) * outputs + Math.floor(i / 784)] ?? 0;
  });
  return { count, height: 28, width: 28, values };
}

function lookAt(layer: Layer, output: Float32Array): LayerLook {
  const parameter = layer.params['kernels'] ?? layer.params['weights'];
  return {
    type: layer.type,
    output: toMaps(output, layer.outputShape),
    ...(parameter && {
      weights: toHistogram(parameter.value.toArray()),
      gradients: toHistogram(parameter.gradient.toArray()),
    }),
  };
}

/** Runs one image through the layers and keeps what each makes of it. */
export function look(model: Model, image: Float32Array): Look {
  let data = tensor(image, [1, 1, 28, 28]);
  const layers = model.layers.map((layer) => {
    const output = layer.forward(data, false);
    data.dispose();
    data = output;
    return lookAt(layer, output.toArray());
  });
  data.dispose();
  const kernels = firstKernels(model.layers);
  return { layers, ...(kernels && { kernels }) };
}
