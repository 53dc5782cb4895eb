// Networks of MNIST's size, and the matrix products and convolutions that they are made of.
import { conv } from '../layers.mjs';
import { gemm, group, heavy, inference, longOnly, operator, slow, training } from './make.mjs';

const square = (size, more) => gemm(size, size, size, { name: `gemm-${size}`, ...more });
const images = (n, c, size, depth, more) =>
  operator(
    `conv-${n}x${c}x${size}x${size}-to-${depth}`,
    ...[n, [c, size, size], conv(depth, { bias: false })],
    more,
  );
const slowOnImages = slow('tfjs-cpu', 'jax-js', 'convnetjs');

export const mnist = group('mnist', [
  square(256, longOnly),
  square(512, heavy),
  square(1024, { ...heavy, ...longOnly }),
  gemm(64, 784, 128),
  gemm(64, 128, 10),
  gemm(8, 9, 50176, longOnly),
  gemm(16, 72, 12544, longOnly),
  gemm(64, 576, 25088, { ...heavy, ...longOnly }),
  images(32, 32, 28, 64, { ...heavy, ...slowOnImages }),
  images(64, 1, 28, 8),
  training('mlp', 64, heavy),
  training('cnn', 64, { ...heavy, ...slowOnImages }),
  training('cnn-big', 64, { ...heavy, ...slowOnImages }),
  inference('cnn', 1),
  inference('cnn', 64, slow('tfjs-cpu', 'jax-js')),
  inference('cnn-big', 1),
  inference('cnn-big', 64, { ...heavy, ...slowOnImages }),
]);
