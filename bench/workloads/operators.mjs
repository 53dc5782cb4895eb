// Single operators, forward, at the sizes that networks of today have them in.
import { averagePool, conv, gelu, layerNorm, pool, softmax } from '../layers.mjs';
import { among, gemm, group, heavy, operator, slow } from './make.mjs';

const others = ['lamella', 'tfjs-wasm', 'onnxruntime-web', 'litert', 'pytorch', 'openblas'];
const peers = among('jax-js', ...others);

/** An operator over a batch of square images of c channels; its name ends with `end`. */
const images = (start, [n, c, size], layer, end = '', more = peers) =>
  operator(`${start}-${n}x${c}x${size}x${size}${end}`, n, [c, size, size], layer, {
    ...heavy,
    ...slow('jax-js'),
    ...more,
  });

const rows = (start, n, size, layer, more) =>
  operator(`${start}-${n}x${size}`, n, [size], layer, { ...heavy, ...peers, ...more });

/** jax-js takes half a minute over a batch. */
function convolution(start, shape, depth, more) {
  const layer = conv(depth, { bias: false, ...more });
  const [n] = shape;
  const alone = n === 1 || layer.size === 1 ? peers : among(...others);
  return images(start, shape, layer, `-to-${depth}`, alone);
}

const depthwise = (start, shape, stride) =>
  images(start, shape, conv(undefined, { groups: 'depthwise', bias: false, stride }));

export const operators = group('operators', [
  images('max-pool-3x3s2', [1, 64, 112], pool(3, { stride: 2, padding: 'same' })),
  images('average-pool-3x3s2', [1, 64, 112], averagePool(3, { stride: 2 })),
  depthwise('depthwise-3x3', [4, 192, 56], 1),
  depthwise('depthwise-3x3s2', [4, 144, 56], 2),
  convolution('pointwise', [16, 256, 14], 64, { size: 1 }),
  convolution('pointwise', [4, 64, 56], 256, { size: 1 }),
  convolution('conv', [1, 512, 7], 512),
  convolution('conv', [16, 512, 7], 512),
  convolution('conv', [16, 256, 14], 256),
  convolution('conv-7x7s2', [1, 3, 224], 64, { size: 7, stride: 2 }),
  convolution('conv-3x3s2', [4, 64, 56], 128, { stride: 2 }),
  convolution('conv-5x5', [8, 32, 28], 64, { size: 5 }),
  rows('softmax', 256, 1000, softmax, { range: [-4, 4] }),
  rows('layer-norm', 512, 768, layerNorm),
  rows('gelu', 1000, 1000, gelu, { range: [-4, 4] }),
  gemm(1, 1000, 1000, peers),
  gemm(1000, 1, 1000, peers),
]);
