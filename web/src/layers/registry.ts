import { type PartClass, Registry } from '../registry.js';
import { layerClasses } from './index.js';
import { checkLayer, type Config, Layer, type LayerConfig } from './layer.js';

/** All layer classes that are known by name. */
export const layers = /* @__PURE__ */ new Registry<Layer, (typeof layerClasses)[number]>(
  'layer',
  layerClasses,
  '; registerLayer makes classes known',
);

/**
 * Makes a layer class of your own known, so that `layerFromConfig`, and with it every saved model that
 * has one, can make such layers: `new LayerClass(config)` of what its `getConfig()` returned, after
 * those arguments that its static `positional` names; or by a static `fromConfig(config)`, if there is
 * one.
 * @param LayerClass - With a static `type`, its name in files: a minifier renames the class itself.
 * @throws {@link ValueError} for a class without it and for the type of a built-in layer,
 * {@link ArgumentTypeError} for anything but a class.
 * @example
 * class Scale extends Layer {
 *   static type = 'Scale';
 *   static positional = ['factor'];
 *   // …
 * }
 * registerLayer(Scale);
 */
export function registerLayer(LayerClass: PartClass<Layer>): void;
/**
 * Makes a layer class of your own known by name.
 * @param name - The layer's `type`.
 * @param factory - Makes a layer from what its `getConfig()` returned.
 * @throws {@link ValueError} for the name of a built-in layer, {@link ArgumentTypeError} for
 * anything but a name and a function.
 * @example registerLayer('Scale', (config) => new Scale(config.factor as number));
 */
export function registerLayer(name: string, factory: (config: Config) => Layer): void;
export function registerLayer(
  given: string | PartClass<Layer>,
  factory?: (config: Config) => Layer,
): void {
  layers.register('registerLayer', Layer, given, factory);
}

/**
 * Makes a layer from its class name and constructor arguments, which are
 * checked as the constructor checks them.
 * @throws {@link ValueError} for an unknown class or argument,
 * {@link ArgumentTypeError} for anything but an object with a type.
 */
export function layerFromConfig(config: LayerConfig): Layer {
  const layer = layers.create(config);
  checkLayer(`layerFromConfig: '${config.type}'`, layer);
  return layer;
}
