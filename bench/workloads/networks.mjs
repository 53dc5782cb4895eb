// Whole networks beyond MNIST's size.
import { among, group, heavy, inference, slow, training } from './make.mjs';

const trained = among('lamella', 'convnetjs', 'tfjs-wasm', 'jax-js', 'pytorch');

export const networks = group('networks', [
  inference('mobilenet-v1', 1, {
    ...heavy,
    ...slow('jax-js'),
    ...among('lamella', 'tfjs-wasm', 'onnxruntime-web', 'litert', 'jax-js', 'pytorch'),
  }),
  training('wide-mlp', 64, { ...heavy, ...trained, ...slow('convnetjs') }),
  training('lenet', 64, { ...heavy, ...trained }),
  // jax-js takes a minute a step.
  training('cifar-cnn', 64, {
    ...heavy,
    ...among('lamella', 'convnetjs', 'tfjs-wasm', 'pytorch'),
    ...slow('convnetjs'),
  }),
]);
