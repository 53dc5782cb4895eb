import { ArgumentTypeError, describe, ValueError } from '../runtime/errors.js';
import type { Shape } from '../tensor.js';
import { GELU, LeakyReLU, PReLU, ReLU, Sigmoid, Softmax, Swish, Tanh } from './activations.js';
import { BatchNormalization, BatchNormalization2D } from './batch-normalization.js';
import { Convolutional } from './convolutional.js';
import { Dense } from './dense.js';
import { Dropout } from './dropout.js';
import { Flatten } from './flatten.js';
import type { Config, Layer, LayerConfig } from './layer.js';
import { LayerNormalization } from './layer-normalization.js';
import { AveragePooling2D, GlobalAveragePooling2D, MaxPooling2D } from './pooling.js';
import { Reshape } from './reshape.js';
import { Residual } from './residual.js';

/** How each layer class is made from its named arguments. */
const factories: Record<string, (config: Config) => Layer> = {
  Dense: ({ outputSize, ...options }) => new Dense(outputSize as number, options),
  Dropout: ({ probability, ...options }) => new Dropout(probability as number | undefined, options),
  BatchNormalization: (options) => new BatchNormalization(options),
  BatchNormalization2D: (options) => new BatchNormalization2D(options),
  Convolutional: ({ outputDepth, kernelSize, ...options }) =>
    new Convolutional(outputDepth as number, kernelSize as number, options),
  MaxPooling2D: ({ poolSize, ...options }) =>
    new MaxPooling2D(poolSize as number | undefined, options),
  AveragePooling2D: ({ poolSize, ...options }) =>
    new AveragePooling2D(poolSize as number | undefined, options),
  Flatten: (options) => new Flatten(options),
  ReLU: (options) => new ReLU(options),
  PReLU: (options) => new PReLU(options),
  Sigmoid: (options) => new Sigmoid(options),
  Tanh: (options) => new Tanh(options),
  Swish: (options) => new Swish(options),
  Softmax: (options) => new Softmax(options),
  LeakyReLU: (options) => new LeakyReLU(options),
  GELU: (options) => new GELU(options),
  GlobalAveragePooling2D: (options) => new GlobalAveragePooling2D(options),
  LayerNormalization: (options) => new LayerNormalization(options),
  Reshape: ({ targetShape, ...options }) => new Reshape(targetShape as Shape, options),
  Residual: ({ layers, shortcut = [], ...options }) => {
    const chain = (name: string, configs: unknown): Layer[] => {
      if (Array.isArray(configs)) return (configs as LayerConfig[]).map(layerFromConfig);
      throw new ArgumentTypeError(`Residual: ${name} must be an array, got ${describe(configs)}`);
    };
    return new Residual(chain('layers', layers), {
      ...options,
      shortcut: chain('shortcut', shortcut),
    });
  },
};

/** What `registerLayer` added. */
const registered = new Map<string, (config: Config) => Layer>();

/**
 * Makes a layer class of your own known by name, so that `layerFromConfig`, and
 * with it every saved model that has one, can make such layers.
 * @param name - The layer's `type`: the name of its class, unless it says otherwise.
 * @param factory - Makes a layer from what its `getConfig()` returned.
 * @throws {@link ValueError} for the name of a built-in layer.
 * @example registerLayer('Scale', (config) => new Scale(config.factor as number));
 */
export function registerLayer(name: string, factory: (config: Config) => Layer): void {
  if (Object.hasOwn(factories, name)) {
    throw new ValueError(`registerLayer: '${name}' is the name of a built-in layer`);
  }
  registered.set(name, factory);
}

/**
 * Makes a layer from its class name and constructor arguments, which are
 * checked as the constructor checks them.
 * @throws {@link ValueError} for an unknown class or argument,
 * {@link ArgumentTypeError} for anything but an object with a type.
 */
export function layerFromConfig(config: LayerConfig): Layer {
  const { type, ...options } = Object(config) as LayerConfig;
  if (typeof type !== 'string') {
    throw new ArgumentTypeError(
      `layerFromConfig: type must be the name of a layer class, got ${describe(type)}`,
    );
  }
  const factory = Object.hasOwn(factories, type) ? factories[type] : registered.get(type);
  if (factory === undefined) {
    const known = [...Object.keys(factories), ...registered.keys()].join(', ');
    throw new ValueError(
      `layerFromConfig: unknown layer type '${type}'; known are: ${known}; ` +
        'registerLayer makes others known',
    );
  }
  return factory(options);
}
