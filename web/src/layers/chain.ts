import { ValueError } from '../runtime/errors.js';
import { checkArray, checkMethods } from '../runtime/checks.js';
import { native } from '../runtime/init.js';
import type { NativeLayer } from '../runtime/native.js';
import { BuiltInLayer } from './built-in-layer.js';
import { CustomLayerAdapter } from './custom-layer.js';
import { checkLayer, type Layer } from './layer.js';

/** The layers, and those inside others, each after the one it is in. */
export function allLayers(layers: readonly Layer[]): Layer[] {
  return layers.flatMap((layer) =>
    layer instanceof BuiltInLayer
      ? [layer, ...allLayers(Object.values(layer.parts).flat())]
      : [layer],
  );
}

/**
 * Calls `use` with layers as the engine sees them, whoever wrote them; what it
 * makes of them must hold references of its own.
 * @param owner - What errors call the container: "Model".
 * @throws {@link ArgumentTypeError} for anything but layers, {@link ValueError}
 * when one appears twice, be it inside others.
 */
export function withNativeLayers<Result>(
  owner: string,
  layers: readonly Layer[],
  use: (chain: NativeLayer[]) => Result,
): Result {
  const engine = native(owner);
  checkArray(`${owner}: layers`, layers);
  const seen = new Set<Layer>();
  const custom: NativeLayer[] = [];
  try {
    const chain = Array.from(layers, (layer, i) => {
      checkLayer(owner, layer);
      for (const each of allLayers([layer])) {
        if (seen.has(each)) {
          throw new ValueError(
            `${owner}: layer ${i} (${each.type}) appears twice; create a second one`,
          );
        }
        seen.add(each);
      }
      if (layer instanceof BuiltInLayer) {
        checkMethods(`${owner}: layer ${i}`, layer, BuiltInLayer, ['build', 'forward', 'backward']);
        return layer.native;
      }
      const adapter = engine.createCustomLayer(layer.type, new CustomLayerAdapter(layer));
      custom.push(adapter);
      return adapter;
    });
    return use(chain);
  } finally {
    for (const layer of custom) layer.delete();
  }
}
