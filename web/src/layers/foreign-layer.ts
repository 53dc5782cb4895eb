import { ShapeError } from '../runtime/errors.js';
import { nativeArgument, nativeOf } from '../runtime/handle.js';
import type { ForeignLayerAdapter, NativeNamedTensor, NativeTensor } from '../runtime/native.js';
import { checkShape } from '../runtime/checks.js';
import { Tensor } from '../tensor.js';
import type { Layer } from './layer.js';

function nativeTensor(layer: Layer, method: string, result: unknown): NativeTensor {
  return nativeArgument(`${layer.type}: ${method}() must return a Tensor`, Tensor, result);
}

function named(tensors: Record<string, Tensor>): NativeNamedTensor[] {
  return Object.entries(tensors).map(([name, value]) => ({ name, value: nativeOf(value) }));
}

/** A layer written in TypeScript as the engine wants to see it. */
export function adapterOf(layer: Layer): ForeignLayerAdapter {
  return {
    build: (inputShape) => {
      layer.build(inputShape);
      const { outputShape } = layer;
      checkShape(`${layer.type}: outputShape`, outputShape);
      return outputShape;
    },
    forward: (input, training) =>
      nativeTensor(layer, 'forward', layer.forward(new Tensor(input), training)),
    backward: (outputGradient) =>
      nativeTensor(layer, 'backward', layer.backward(new Tensor(outputGradient))),
    params: () =>
      Object.entries(layer.params).map(([name, { value, gradient }]) => {
        if (value.shape.join() !== gradient.shape.join()) {
          throw new ShapeError(
            `${layer.type}: parameter '${name}' has shape [${value.shape.join(', ')}], ` +
              `its gradient [${gradient.shape.join(', ')}]`,
          );
        }
        const { trainable } = layer;
        return { name, value: nativeOf(value), gradient: nativeOf(gradient), trainable };
      }),
    state: () => named(layer.state),
  };
}
