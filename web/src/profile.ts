import type { Layer } from './layers/layer.js';
import type { Loss } from './losses.js';
import { wholeNumber } from './runtime/checks.js';
import type { Shape, Tensor } from './tensor.js';

/** Time and speed of one layer; see {@link Model.profile}. */
export interface LayerProfile {
  /** Name of the layer's class. */
  readonly type: string;
  /** Shape of a sample coming out. */
  readonly outputShape: Shape;
  /** Milliseconds of a forward pass over the batch: the median of the repeats. */
  readonly forwardMilliseconds: number;
  /** Milliseconds of a backward pass over the batch: the median of the repeats. */
  readonly backwardMilliseconds: number;
  /**
   * Billion multiplications and additions per second, counted as a plain
   * matrix product or convolution makes them; absent for layers without weights.
   */
  readonly forwardGflops?: number;
  /** As `forwardGflops`, of the backward pass, which has twice the operations. */
  readonly backwardGflops?: number;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

/**
 * Multiplications and additions of a forward pass: every weight is used once
 * for each position of the output, and for each sample.
 */
function forwardOperations(layer: Layer, batch: number): number {
  const { weights, kernels } = layer.params;
  const [channels = 1] = layer.outputShape;
  const positions = layer.outputSize / channels;
  return 2 * batch * positions * ((weights ?? kernels)?.value.size ?? 0);
}

/** One forward and one backward pass, layer by layer; milliseconds of each. */
function timePasses(
  layers: readonly Layer[],
  loss: Loss,
  x: Tensor,
  y: Tensor,
): { forward: number[]; backward: number[] } {
  const free: Tensor[] = [];
  const timed = (run: () => Tensor): { tensor: Tensor; milliseconds: number } => {
    const start = performance.now();
    const tensor = run();
    const milliseconds = performance.now() - start;
    free.push(tensor);
    return { tensor, milliseconds };
  };
  try {
    let activations = x;
    const forward = layers.map((layer) => {
      const { tensor, milliseconds } = timed(() => layer.forward(activations, true));
      activations = tensor;
      return milliseconds;
    });
    let gradients = loss.gradient(activations, y);
    free.push(gradients);
    const backward = [...layers].reverse().map((layer) => {
      const { tensor, milliseconds } = timed(() => layer.backward(gradients));
      gradients = tensor;
      return milliseconds;
    });
    return { forward, backward: backward.reverse() };
  } finally {
    for (const tensor of free) tensor.dispose();
  }
}

/** Behind {@link Model.profile}. */
export function profileLayers(
  layers: readonly Layer[],
  loss: Loss,
  x: Tensor,
  y: Tensor,
  repeats: number,
): LayerProfile[] {
  wholeNumber('Model.profile: repeats', repeats);
  // Running means must not notice that they were looked at.
  const states = layers.map((layer) =>
    Object.entries(layer.state).map(([name, value]) => [name, value.clone()] as const),
  );
  try {
    timePasses(layers, loss, x, y); // warm up: buffers are allocated, code is compiled
    const runs = Array.from({ length: repeats }, () => timePasses(layers, loss, x, y));
    const batch = x.shape[0] ?? 0;
    return layers.map((layer, i) => {
      const forwardMilliseconds = median(runs.map(({ forward }) => forward[i] as number));
      const backwardMilliseconds = median(runs.map(({ backward }) => backward[i] as number));
      const operations = forwardOperations(layer, batch);
      return {
        type: layer.type,
        outputShape: layer.outputShape,
        forwardMilliseconds,
        backwardMilliseconds,
        // Backward is two products of the same size: for the weights and for the input.
        ...(operations > 0 && {
          forwardGflops: operations / forwardMilliseconds / 1e6,
          backwardGflops: (2 * operations) / backwardMilliseconds / 1e6,
        }),
      };
    });
  } finally {
    layers.forEach((layer, i) => {
      const state = states[i] ?? [];
      if (state.length > 0) layer.state = Object.fromEntries(state);
      for (const [, value] of state) value.dispose();
    });
  }
}
