import { ValueError } from '../runtime/errors.js';
import { native } from '../runtime/init.js';
import type { NativeLayer } from '../runtime/native.js';
import { BuiltInLayer } from './built-in-layer.js';
import { adapterOf } from './custom-layer.js';
import { checkLayer, type Layer } from './layer.js';

/**
 * Calls `use` with layers as the engine sees them, whoever wrote them; what it
 * makes of them must hold references of its own.
 * @param owner - What errors call the container: "Model".
 * @throws {@link ArgumentTypeError} for anything but layers, {@link ValueError}
 * when one appears twice.
 */
export function withNativeLayers<Result>(
  owner: string,
  layers: readonly Layer[],
  use: (chain: NativeLayer[]) => Result,
): Result {
  const engine = native(owner);
  const custom: NativeLayer[] = [];
  const seen = new Set<Layer>();
  try {
    const chain = layers.map((layer: Layer, i) => {
      checkLayer(owner, layer);
      if (seen.has(layer)) {
        throw new ValueError(
          `${owner}: layer ${i} (${layer.type}) appears twice; create a second one`,
        );
      }
      seen.add(layer);
      if (layer instanceof BuiltInLayer) return layer.native;
      const adapter = engine.createCustomLayer(layer.type, adapterOf(layer));
      custom.push(adapter);
      return adapter;
    });
    return use(chain);
  } finally {
    for (const layer of custom) layer.delete();
  }
}
