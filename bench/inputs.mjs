// The data of a workload, made from it alone.
import { classes, oneHot, product, uniform } from './data.mjs';
import { network } from './networks.mjs';

/** Small, so that the thousands of steps of a measurement do not learn the one batch by heart. */
const learningRate = 1e-4;

export function inputs(workload) {
  const { kind, m, k, n, c, h, w, depth, batch } = workload;
  if (kind === 'gemm') return { m, k, n, a: uniform(m * k, 1), b: uniform(k * n, 2) };
  if (kind === 'conv') {
    return {
      inputShape: [n, c, h, w],
      kernelShape: [depth, c, 3, 3],
      outputShape: [n, depth, h, w],
      input: uniform(n * c * h * w, 1),
      kernels: uniform(depth * c * 9, 2),
    };
  }
  if (!workload.network) return {};
  const { inputShape, layers } = network(workload);
  const x = uniform(batch * product(inputShape), 3, 0, 1);
  const labels = classes(batch, 4, 10);
  return { batch, inputShape, layers, x, labels, y: oneHot(labels, 10), learningRate };
}
