import type { LayerConfig, Shape } from 'lamella';
import type { WorkerClient } from 'lamella/worker';
import { kindOf } from '../layer-kinds.js';
import type { LayerInfo, NetworkCheck } from '../types.js';
import { imageShape } from './network.js';

const imageLayers = new Set([
  'Convolutional',
  'MaxPooling2D',
  'AveragePooling2D',
  'GlobalAveragePooling2D',
  'BatchNormalization2D',
  'Residual',
]);
const listLayers = new Set(['Dense', 'BatchNormalization']);

function product(shape: Shape): number {
  return shape.reduce((size, length) => size * length, 1);
}

function describe(shape: Shape): string {
  return shape.length === 1
    ? `a list of ${shape.join()} numbers`
    : `images of ${shape.join(' × ')}`;
}

/** Why a layer cannot take a shape, for those whose wish is simple to say. */
function mismatch({ type, ...config }: LayerConfig, shape: Shape): string | undefined {
  const title = kindOf(type)?.title ?? type;
  const given = describe(shape);
  if (listLayers.has(type) && shape.length > 1) {
    return `${title} takes a list of numbers, but gets ${given}. Put a Flatten before it.`;
  }
  if (imageLayers.has(type) && shape.length === 1) {
    return `${title} takes images, but gets ${given}. Move it before the Flatten.`;
  }
  const { groups, outputDepth, targetShape, poolSize } = config;
  if (
    typeof groups === 'number' &&
    ((shape[0] ?? 0) % groups !== 0 || (outputDepth as number) % groups !== 0)
  ) {
    return `${title} cannot cut its ${String(shape[0])} incoming channels and ${String(outputDepth)} kernels into ${String(groups)} equal groups. Choose a number that divides both.`;
  }
  if (Array.isArray(targetShape) && product(targetShape as Shape) !== product(shape)) {
    return `${title} keeps every number: ${given} hold ${String(product(shape))}, ${targetShape.join(' × ')} would hold ${String(product(targetShape as Shape))}.`;
  }
  if (typeof poolSize === 'number' && poolSize > Math.min(...shape.slice(1))) {
    return `${title} takes squares of ${String(poolSize)} × ${String(poolSize)} pixels, but gets ${given}. Make it smaller, or pool less before it.`;
  }
  return undefined;
}

/** Why a residual block cannot add what it makes to what goes past it. */
function blockMismatch(config: LayerConfig, shape: Shape): string | undefined {
  const { outputDepth, stride, past } = kindOf('Residual')?.read(config) ?? {};
  if (config.type !== 'Residual' || past !== 'input') return undefined;
  if (outputDepth === shape[0] && stride === 1) return undefined;
  return `Residual block adds its input to what it makes of it, so that both must be alike: ${String(shape[0])} kernels and stride 1 for ${describe(shape)}. Or let the input pass through 1 × 1 kernels.`;
}

/** Builds one layer for a shape, only to look at it. */
async function inspect(
  client: WorkerClient<LayerConfig>,
  config: LayerConfig,
  inputShape: Shape,
): Promise<LayerInfo> {
  const problem = mismatch(config, inputShape) ?? blockMismatch(config, inputShape);
  if (problem !== undefined) throw new Error(problem);
  const model = await client.model([config], { inputShape, warnings: false });
  const { outputShape, parameterCount } = model;
  model.dispose();
  return { outputShape, parameters: parameterCount };
}

/** Follows the shapes through a network, up to the first layer that does not fit. */
export async function checkNetwork(
  client: WorkerClient<LayerConfig>,
  layers: readonly LayerConfig[],
): Promise<NetworkCheck> {
  const infos: LayerInfo[] = [];
  let shape: Shape = imageShape;
  for (const config of layers) {
    try {
      const info = await inspect(client, config, shape);
      infos.push(info);
      shape = info.outputShape;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { infos, problem: `Layer ${String(infos.length + 1)} does not fit: ${reason}` };
    }
  }
  if (shape.length === 1 && shape[0] === 10) return { infos };
  const ends = describe(shape);
  const advice = shape.length === 1 ? 'a Dense' : 'a Flatten and a Dense';
  return {
    infos,
    problem: `The network must end with ten numbers, one for each class; it ends with ${ends}. Put ${advice} with 10 outputs at its end.`,
  };
}
