import { axisOf } from './axis.js';
import { Dense } from './layers/dense.js';
import type { Layer } from './layers/layer.js';
import { BuiltInLayer, withTensors } from './layers/built-in-layer.js';
import { rememberPass } from './layers/numbers.js';
import { lend, returned } from './lending.js';
import { BuiltInLoss, type Loss } from './losses.js';
import { nativeOf } from './runtime/handle.js';
import { type Shape, sizeOf } from './shape.js';
import type { Tensor } from './tensor.js';

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
  const weights = withTensors(
    layer,
    (params) => (params['weights'] ?? params['kernels'])?.value.size ?? 0,
  );
  const { outputShape } = layer;
  const axis = axisOf(outputShape, layer instanceof Dense ? layer.axis : undefined);
  return (2 * batch * weights * sizeOf(outputShape)) / (outputShape[axis] ?? 1);
}

/** Milliseconds of the layers in a forward and a backward pass. */
export interface Passes {
  readonly forward: readonly number[];
  readonly backward: readonly number[];
}

/** One forward and one backward pass, layer by layer. */
function timePasses(layers: readonly Layer[], loss: Loss, x: Tensor, y: Tensor): Passes {
  const free: Tensor[] = [];
  let tensor = x;
  /** Milliseconds of a method of a layer or the loss, which makes the next tensor. */
  const time = (part: Layer | Loss, method: string, step: (input: Tensor) => Tensor): number => {
    const start = performance.now();
    if (part instanceof BuiltInLayer || part instanceof BuiltInLoss) {
      tensor = step(tensor);
      free.push(tensor);
    } else {
      // As the engine calls it; the handle is the method's, the numbers are shared.
      const given = nativeOf(tensor).reshaped(tensor.shape);
      tensor = lend(part, method, [given], (input) => step(input));
      returned(part, method, tensor);
    }
    return performance.now() - start;
  };
  try {
    const forward = layers.map((layer) =>
      time(layer, 'forward', (input) => layer.forward(input, true)),
    );
    time(loss, 'gradient', (output) => loss.gradient(output, y));
    const backward = [...layers]
      .reverse()
      .map((layer) => time(layer, 'backward', (gradient) => layer.backward(gradient)));
    return { forward, backward: backward.reverse() };
  } finally {
    for (const each of free) each.dispose();
  }
}

/** The rows of layers, whose passes over a batch took so many milliseconds. */
export function profiles(
  layers: readonly Layer[],
  runs: readonly Passes[],
  batch: number,
): LayerProfile[] {
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
}

/** Behind {@link Model.profile}. */
export function profileLayers(
  layers: readonly Layer[],
  loss: Loss,
  x: Tensor,
  y: Tensor,
  repeats: number,
): LayerProfile[] {
  // Neither running means nor random numbers notice that they were looked at.
  const restore = rememberPass(layers);
  try {
    timePasses(layers, loss, x, y); // warm up: buffers are allocated, code is compiled
    const runs = Array.from({ length: repeats }, () => timePasses(layers, loss, x, y));
    const batch = x.shape[0] ?? 0;
    return profiles(layers, runs, batch);
  } finally {
    restore();
  }
}
