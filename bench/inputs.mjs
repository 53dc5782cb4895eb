// The data of a workload, made from it alone.
import { classes, oneHot, product, uniform } from './data.mjs';
import { network } from './networks.mjs';

/** Small, so that the thousands of steps of a measurement do not learn the one batch by heart. */
const learningRate = 1e-4;

export function inputs(workload) {
  const { kind, m, k, n, batch, range = [0, 1] } = workload;
  if (kind === 'gemm') return { m, k, n, a: uniform(m * k, 1), b: uniform(k * n, 2) };
  if (!workload.network && !workload.layers) return {};
  const { inputShape, layers } = network(workload);
  const outputShape = layers.at(-1).output;
  const x = uniform(batch * product(inputShape), 3, ...range);
  const data = { batch, inputShape, outputShape, layers, x, range };
  if (kind !== 'training' && kind !== 'profile') return data;
  const [kinds] = outputShape;
  const labels = classes(batch, 4, kinds);
  return { ...data, labels, y: oneHot(labels, kinds), learningRate };
}
