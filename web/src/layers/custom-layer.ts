import { ShapeError, StateError } from '../runtime/errors.js';
import { nativeArgument } from '../runtime/handle.js';
import type { LayerAdapter, NativeParameter, NativeTensor } from '../runtime/native.js';
import { lend } from '../lending.js';
import { checkShape } from '../runtime/checks.js';
import { Tensor } from '../tensor.js';
import type { Layer, Parameter } from './layer.js';

/** The parameters of a layer written in TypeScript as the engine wants to see them. */
export function nativeParams(layer: Layer): NativeParameter[] {
  const { trainable } = layer;
  return Object.entries(layer.params).map(([name, parameter]) => {
    const { value, gradient } = Object(parameter) as Parameter;
    const wanted = `${layer.type}: params.${name} must have a value and a gradient, Tensors`;
    const tensors = {
      value: nativeArgument(wanted, Tensor, value),
      gradient: nativeArgument(wanted, Tensor, gradient),
    };
    if (value.shape.join() !== gradient.shape.join()) {
      throw new ShapeError(
        `${layer.type}: parameter '${name}' has shape [${value.shape.join(', ')}], ` +
          `its gradient [${gradient.shape.join(', ')}]`,
      );
    }
    return { name, ...tensors, trainable };
  });
}

/**
 * A layer written in TypeScript as the engine wants to see it. The engine holds what this returns,
 * so it holds the layer weakly: a model that is forgotten, with layers that know it, is collected.
 */
export function adapterOf(layer: Layer): LayerAdapter {
  const { type } = layer;
  const weak = new WeakRef(layer);
  const own = (): Layer => {
    const layer = weak.deref();
    if (layer === undefined) throw new StateError(`${type}: used after it was forgotten`);
    return layer;
  };
  const call = (
    method: 'forward' | 'backward',
    given: NativeTensor,
    run: (layer: Layer, tensor: Tensor) => unknown,
  ): NativeTensor => {
    const layer = own();
    const result = lend(layer, method, [new Tensor(given)], (each) => run(layer, each as Tensor));
    return nativeArgument(`${layer.type}: ${method}() must return a Tensor`, Tensor, result);
  };
  return {
    build: (inputShape) => {
      const layer = own();
      layer.build(inputShape);
      const { outputShape } = layer;
      checkShape(`${layer.type}: outputShape`, outputShape);
      return outputShape;
    },
    forward: (input, training) =>
      call('forward', input, (layer, tensor) => layer.forward(tensor, training)),
    backward: (outputGradient) =>
      call('backward', outputGradient, (layer, tensor) => layer.backward(tensor)),
    params: () => nativeParams(own()),
    state: () =>
      Object.entries(own().state).map(([name, value]) => ({
        name,
        value: nativeArgument(`${type}: state.${name} must be a Tensor`, Tensor, value),
        gradient: undefined,
        trainable: false,
      })),
  };
}
