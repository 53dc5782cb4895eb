/** TensorFlow.js on its backends for the processor, in its native layout, channels last. */
import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import simdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model as createModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { LayerConfig } from 'lamella';
import { kindOf } from '../layer-kinds.js';
import type { RunConfig } from '../types.js';
import type { OpenContender, RaceBatch } from './contender.js';

type Config = Readonly<Record<string, unknown>>;
type Apply = (x: SymbolicTensor) => SymbolicTensor;
type Padding = 'same' | 'valid';

const layer =
  (made: { apply(x: SymbolicTensor): unknown }): Apply =>
  (x) =>
    made.apply(x) as SymbolicTensor;

const normalization = ({ epsilon = 1e-8 }: Config): Apply =>
  layer(layers.batchNormalization({ epsilon: epsilon as number, momentum: 0.9 }));

function convolution(config: Config): Apply {
  const { outputDepth, kernelSize, padding = 'valid', stride = 1, groups = 1 } = config;
  const { dilation = 1, noBias } = config;
  if (groups !== 1) {
    throw new Error('TensorFlow.js has no convolution in groups');
  }
  const [strides, dilationRate] = [stride as number, dilation as number];
  if (strides > 1 && dilationRate > 1) {
    throw new Error('TensorFlow.js has no convolution with both stride and dilation');
  }
  return layer(
    layers.conv2d({
      filters: outputDepth as number,
      kernelSize: kernelSize as number,
      padding: padding as Padding,
      strides,
      dilationRate,
      useBias: noBias !== true,
      kernelInitializer: 'heUniform',
    }),
  );
}

function chain(configs: readonly LayerConfig[]): Apply {
  const all = configs.map(toTensorFlow);
  return (x) => all.reduce((value, apply) => apply(value), x);
}

function residual(config: Config): Apply {
  const [through, past] = [config['layers'], config['shortcut'] ?? []].map((configs) =>
    chain(configs as LayerConfig[]),
  );
  return (x) => layers.add().apply([through?.(x) ?? x, past?.(x) ?? x]) as SymbolicTensor;
}

function reshape({ targetShape }: Config): Apply {
  const shape = targetShape as number[];
  const [channels = 1, height = 1, width = 1] = shape;
  return layer(
    layers.reshape({ targetShape: shape.length === 1 ? shape : [height, width, channels] }),
  );
}

const activation = (name: 'relu' | 'gelu_new' | 'swish' | 'tanh' | 'sigmoid') => (): Apply =>
  layer(layers.activation({ activation: name }));
const leaky = ({ alpha = 0.01 }: Config): Apply =>
  layer(layers.leakyReLU({ alpha: alpha as number }));

const factories: Readonly<Record<string, (config: Config) => Apply>> = {
  Convolutional: convolution,
  Residual: residual,
  MaxPooling2D: ({ poolSize }) => layer(layers.maxPooling2d({ poolSize: poolSize as number })),
  AveragePooling2D: ({ poolSize }) =>
    layer(layers.averagePooling2d({ poolSize: poolSize as number })),
  GlobalAveragePooling2D: () => layer(layers.globalAveragePooling2d({})),
  Flatten: () => layer(layers.flatten()),
  Reshape: reshape,
  Dense: ({ outputSize }) =>
    layer(layers.dense({ units: outputSize as number, kernelInitializer: 'heUniform' })),
  ReLU: activation('relu'),
  LeakyReLU: leaky,
  PReLU: leaky,
  GELU: activation('gelu_new'),
  Swish: activation('swish'),
  Tanh: activation('tanh'),
  Sigmoid: activation('sigmoid'),
  Dropout: ({ probability }) => layer(layers.dropout({ rate: probability as number })),
  BatchNormalization: normalization,
  BatchNormalization2D: normalization,
  LayerNormalization: () => layer(layers.layerNormalization({})),
};

function toTensorFlow({ type, ...config }: LayerConfig): Apply {
  const factory = factories[type];
  if (factory === undefined) throw new Error(`TensorFlow.js has no ${kindOf(type)?.title ?? type}`);
  return factory(config);
}

function createOptimizer({ optimizer, learningRate }: RunConfig): tf.Optimizer {
  if (optimizer === 'Adam') return tf.train.adam(learningRate);
  if (optimizer === 'RMSprop') return tf.train.rmsprop(learningRate);
  return tf.train.momentum(learningRate, 0.9);
}

function createStep(config: RunConfig): (batch: RaceBatch) => number {
  const image = input({ shape: [28, 28, 1] });
  const network = createModel({ inputs: image, outputs: chain(config.layers)(image) });
  const optimizer = createOptimizer(config);
  return ({ size, images, labels }) => {
    const x = tf.tensor4d(images, [size, 28, 28, 1]);
    const y = tf.tensor2d(labels, [size, 10]);
    const loss = optimizer.minimize(() => {
      const output = network.apply(x, { training: true }) as tf.Tensor2D;
      return tf.losses.softmaxCrossEntropy(y, output);
    }, true);
    const value = loss?.dataSync()[0] ?? Number.NaN;
    for (const tensor of [x, y, loss]) tensor?.dispose();
    return value;
  };
}

/** TensorFlow.js says this when a backend lacks an operation or a gradient. */
const missing = /[Kk]ernel '(\w+)' not registered for backend/;

/** Takes the WebAssembly backend if it can train the network, and JavaScript otherwise. */
export const open: OpenContender = async (config, batch) => {
  const version = tf.version_core;
  // lamella has no threads either, and needs SIMD itself; the names must all be there.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  setWasmPaths({
    'tfjs-backend-wasm.wasm': simdUrl,
    'tfjs-backend-wasm-simd.wasm': simdUrl,
    'tfjs-backend-wasm-threaded-simd.wasm': simdUrl,
  });
  tf.enableProdMode();
  if (!(await tf.setBackend('wasm'))) throw new Error('its WebAssembly backend did not start');
  try {
    const step = createStep(config);
    step(batch);
    return { version, backend: 'WebAssembly, SIMD', step };
  } catch (error) {
    const [, kernel] = missing.exec(error instanceof Error ? error.message : '') ?? [];
    if (kernel === undefined) throw error;
    await tf.setBackend('cpu');
    return {
      version,
      backend: 'JavaScript',
      reason: `its WebAssembly backend cannot train this network: it lacks ${kernel}`,
      step: createStep(config),
    };
  }
};
