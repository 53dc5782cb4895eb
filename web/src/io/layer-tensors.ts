import { BuiltInLayer } from '../layers/built-in-layer.js';
import type { Layer, Parameter } from '../layers/layer.js';
import type { Tensor } from '../tensor.js';

/**
 * Calls `use` with a layer's parameters and states, live. Those of a built-in layer are handles
 * made here, which are freed after it: they would hold the memory of a layer that was disposed of.
 */
export function withTensors<Result>(
  layer: Layer,
  use: (params: Record<string, Parameter>, state: Record<string, Tensor>) => Result,
): Result {
  const handles: Tensor[] = [];
  const { params } = layer;
  for (const { value, gradient } of Object.values(params)) handles.push(value, gradient);
  try {
    const { state } = layer;
    handles.push(...Object.values(state));
    return use(params, state);
  } finally {
    // A layer of one's own returns tensors of its own.
    if (layer instanceof BuiltInLayer) for (const handle of handles) handle.dispose();
  }
}
