import { ArgumentTypeError, describe, ValueError } from '../runtime/errors.js';
import { PReLU, ReLU, Sigmoid, Softmax, Swish, Tanh } from './activations.js';
import { BatchNormalization, BatchNormalization2D } from './batch-normalization.js';
import { Convolutional } from './convolutional.js';
import { Dense } from './dense.js';
import { Dropout } from './dropout.js';
import { Flatten } from './flatten.js';
import type { Config, Layer, LayerConfig } from './layer.js';
import { AveragePooling2D, MaxPooling2D } from './pooling.js';

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
};

/** A layer's class name and constructor arguments: `{ type, ...layer.getConfig() }`. */
export function layerToConfig(layer: Layer): LayerConfig {
  return { ...layer.getConfig(), type: layer.type };
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
  const factory = Object.hasOwn(factories, type) ? factories[type] : undefined;
  if (factory === undefined) {
    throw new ValueError(
      `layerFromConfig: unknown layer type '${type}'; known are: ${Object.keys(factories).join(', ')}`,
    );
  }
  return factory(options);
}
