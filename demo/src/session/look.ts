import type { LayerConfig } from 'lamella';
import type { FileArray, RemoteModel, WorkerClient } from 'lamella/worker';
import type { Histogram, LayerLook, Look, Maps } from '../types.js';
import { imageShape } from './network.js';

/** Most images shown of a layer. */
const mostMaps = 16;
/** Numbers in a row of the picture of a list. */
const listColumns = 32;
const bins = 31;

/** The output of a layer for one sample as images: channels, or a list broken into rows. */
function toMaps({ data: values, shape }: FileArray): Maps {
  const [, channels = 1, height = 1, width = 1] = shape;
  if (shape.length === 4) {
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
function firstKernels({ kernels, weights }: Record<string, FileArray>): Maps | undefined {
  if (kernels) {
    const [outputs = 0, channels = 0, height = 0, width = 0] = kernels.shape;
    if (channels !== 1) return undefined;
    const count = Math.min(outputs, mostMaps);
    return { count, height, width, values: kernels.data.slice(0, count * height * width) };
  }
  if (weights?.shape[0] !== 784) return undefined;
  // A column of the matrix holds what one output makes of the 784 pixels.
  const outputs = weights.shape[1] ?? 0;
  const count = Math.min(outputs, mostMaps);
  const values = Float32Array.from({ length: count * 784 }, (_, i) => {
    return weights.data[(i % 784) * outputs + Math.floor(i / 784)] ?? 0;
  });
  return { count, height: 28, width: 28, values };
}

/** Runs one image through the layers and shows what each makes of it. */
export async function look(
  client: WorkerClient<LayerConfig>,
  model: RemoteModel,
  image: Float32Array,
): Promise<Look> {
  const input = await client.tensor(image, [1, ...imageShape], { copy: true });
  const table = model.layerTable();
  // All at once: one after another, each would wait for a turn between steps.
  const [outputs, params, gradients] = await Promise.all([
    model.outputs(input),
    Promise.all(table.map((_, i) => model.params(i))),
    Promise.all(table.map((_, i) => model.gradients(i))),
  ]);
  input.dispose();
  const layers = table.map(({ type }, i): LayerLook => {
    const output = outputs[i];
    const name = params[i]?.['kernels'] ? 'kernels' : 'weights';
    const [weights, gradient] = [params[i]?.[name], gradients[i]?.[name]];
    return {
      type,
      output: toMaps(output ?? { data: new Float32Array(), shape: [] }),
      ...(weights &&
        gradient && {
          weights: toHistogram(weights.data),
          gradients: toHistogram(gradient.data),
        }),
    };
  });
  const first = params.find((all) => Object.keys(all).length > 0);
  const kernels = first && firstKernels(first);
  return { layers, ...(kernels && { kernels }) };
}
