import { type LayerConfig, layerFromConfig, type Shape } from 'lamella';
import type { LayerInfo, NetworkCheck } from '../protocol.js';

const imageLayers = new Set([
  'Convolutional',
  'MaxPooling2D',
  'AveragePooling2D',
  'BatchNormalization2D',
]);
const listLayers = new Set(['Dense', 'BatchNormalization']);

/** Why a layer cannot take a shape, for those whose wish is simple to say. */
function mismatch(type: string, shape: Shape): string | undefined {
  if (listLayers.has(type) && shape.length > 1) {
    return `${type} takes a list of numbers, but gets images of ${shape.join(' × ')}. Put a Flatten before it.`;
  }
  if (imageLayers.has(type) && shape.length === 1) {
    return `${type} takes images, but gets a list of ${shape.join()} numbers. Move it before the Flatten.`;
  }
  return undefined;
}

/** Builds one layer for a shape, only to look at it. */
function inspect(config: LayerConfig, inputShape: Shape): LayerInfo {
  const problem = mismatch(config.type, inputShape);
  if (problem !== undefined) throw new Error(problem);
  const layer = layerFromConfig(config);
  try {
    layer.build(inputShape);
    const values = Object.values(layer.params).map(({ value }) => value.size);
    return { outputShape: layer.outputShape, parameters: values.reduce((a, b) => a + b, 0) };
  } finally {
    layer.dispose();
  }
}

/** Follows the shapes through a network, up to the first layer that does not fit. */
export function checkNetwork(layers: readonly LayerConfig[]): NetworkCheck {
  const infos: LayerInfo[] = [];
  let shape: Shape = [1, 28, 28];
  for (const config of layers) {
    try {
      const info = inspect(config, shape);
      infos.push(info);
      shape = info.outputShape;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { infos, problem: `Layer ${String(infos.length + 1)} does not fit: ${reason}` };
    }
  }
  if (shape.length === 1 && shape[0] === 10) return { infos };
  const ends =
    shape.length === 1 ? `${String(shape[0])} numbers` : `images of ${shape.join(' × ')}`;
  const advice = shape.length === 1 ? 'a Dense' : 'a Flatten and a Dense';
  return {
    infos,
    problem: `The network must end with ten numbers, one for each class; it ends with ${ends}. Put ${advice} with 10 outputs at its end.`,
  };
}
