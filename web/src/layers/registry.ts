import { checkRegistration, factoriesOf, type Factory, factoryOf, nested } from '../factory.js';
import { checkArray, reject } from '../runtime/checks.js';
import { describe, suggest, ValueError } from '../runtime/errors.js';
import { GELU, LeakyReLU, PReLU, ReLU, Sigmoid, Softmax, Swish, Tanh } from './activations.js';
import { BatchNormalization, BatchNormalization2D } from './batch-normalization.js';
import { Convolutional } from './convolutional.js';
import { Dense } from './dense.js';
import { Dropout } from './dropout.js';
import { Flatten } from './flatten.js';
import { checkLayer, type Config, type Layer, type LayerConfig } from './layer.js';
import { LayerNormalization } from './layer-normalization.js';
import { AveragePooling2D, GlobalAveragePooling2D, MaxPooling2D } from './pooling.js';
import { Reshape } from './reshape.js';
import { Residual } from './residual.js';

const builtIn: Record<string, Factory<Layer>> = {
  ...factoriesOf({
    BatchNormalization,
    BatchNormalization2D,
    Flatten,
    GELU,
    GlobalAveragePooling2D,
    LayerNormalization,
    LeakyReLU,
    PReLU,
    ReLU,
    Sigmoid,
    Softmax,
    Swish,
    Tanh,
  }),
  AveragePooling2D: factoryOf(AveragePooling2D, 'poolSize'),
  Convolutional: factoryOf(Convolutional, 'outputDepth', 'kernelSize'),
  Dense: factoryOf(Dense, 'outputSize'),
  Dropout: factoryOf(Dropout, 'probability'),
  MaxPooling2D: factoryOf(MaxPooling2D, 'poolSize'),
  Reshape: factoryOf(Reshape, 'targetShape'),
  Residual: ({ layers, shortcut = [], ...options }) => {
    const made: Layer[] = [];
    const chain = (name: string, configs: unknown): Layer[] => {
      checkArray(`Residual: ${name}`, configs);
      return (configs as LayerConfig[]).map((config) => {
        const layer = layerFromConfig(config);
        made.push(layer);
        return layer;
      });
    };
    try {
      return new Residual(chain('layers', layers), {
        ...options,
        shortcut: chain('shortcut', shortcut),
      });
    } catch (error) {
      for (const layer of made) layer.dispose();
      throw error;
    }
  },
};

/** The built-in layers and what `registerLayer` added. */
const factories = new Map(Object.entries(builtIn));

/**
 * Makes a layer class of your own known by name, so that `layerFromConfig`, and
 * with it every saved model that has one, can make such layers.
 * @param name - The layer's `type`: the name of its class, unless it says otherwise.
 * @param factory - Makes a layer from what its `getConfig()` returned.
 * @throws {@link ValueError} for the name of a built-in layer, {@link ArgumentTypeError} for
 * anything but a name and a function.
 * @example registerLayer('Scale', (config) => new Scale(config.factor as number));
 */
export function registerLayer(name: string, factory: (config: Config) => Layer): void {
  checkRegistration('registerLayer', builtIn, name, factory);
  factories.set(name, factory);
}

/**
 * Makes a layer from its class name and constructor arguments, which are
 * checked as the constructor checks them.
 * @throws {@link ValueError} for an unknown class or argument,
 * {@link ArgumentTypeError} for anything but an object with a type.
 */
export function layerFromConfig(config: LayerConfig): Layer {
  const { type, ...options } = Object(config) as LayerConfig;
  if (typeof type !== 'string') reject('layerFromConfig: type', 'the name of a layer class', type);
  const factory = factories.get(type);
  if (factory === undefined) {
    throw new ValueError(
      `layerFromConfig: unknown layer type ${describe(type)}; registerLayer makes classes known` +
        suggest(type, [...factories.keys()]),
    );
  }
  const layer = nested('layerFromConfig', () => factory(options));
  checkLayer(`layerFromConfig: ${describe(type)}`, layer);
  return layer;
}
