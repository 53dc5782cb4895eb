import { type LayerConfig, layerFromConfig, layerToConfig, Model } from 'lamella';
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

const configsOf = ({ layers }: Model): unknown => withoutInput(layers.map(layerToConfig));

/** The layers as the page's list has them; undefined when it cannot show all that they are. */
export function toEditable(model: Model): readonly LayerConfig[] | undefined {
  const shown = model.layers.map((layer) => toShown(layerToConfig(layer)));
  if (!shown.every((layer) => layer !== undefined)) return undefined;
  const { inputShape } = model;
  // In a model, as the layers depend on their neighbours: no bias before a normalization.
  const probe = new Model(shown.map(layerFromConfig), { inputShape });
  try {
    return isSame(configsOf(probe), configsOf(model)) ? shown : undefined;
  } finally {
    probe.dispose();
  }
}
