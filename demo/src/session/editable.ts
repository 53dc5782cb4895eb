import type { LayerConfig } from 'lamella';
import type { RemoteModel, WorkerClient } from 'lamella/worker';
import { isLayer, isSame, kindOf } from '../layer-kinds.js';

function toShown(config: LayerConfig): LayerConfig | undefined {
  const kind = kindOf(config.type);
  const settings = kind?.read(config);
  const shown = settings && kind?.create(settings);
  return isLayer(shown) ? shown : undefined;
}

/** A configuration without its shape of the input, which depends on how the layer was made. */
function withoutInput(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutInput);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'inputShape' && key !== 'inputSize')
      .map(([key, inner]) => [key, withoutInput(inner)]),
  );
}

/** The layers as the page's list has them; undefined when it cannot show all that they are. */
export async function toEditable(
  client: WorkerClient<LayerConfig>,
  model: RemoteModel,
): Promise<readonly LayerConfig[] | undefined> {
  const layers = await model.layerConfigs();
  const shown = layers.map(toShown);
  if (!shown.every((layer) => layer !== undefined)) return undefined;
  // In a model, as the layers depend on their neighbours: no bias before a normalization.
  const probe = await client.model(shown, { inputShape: model.inputShape });
  const same = isSame(withoutInput(await probe.layerConfigs()), withoutInput(layers));
  probe.dispose();
  return same ? shown : undefined;
}
