import { ShapeError, StateError } from '../runtime/errors.js';
import { Lending } from '../lending.js';
import { nativeArgument } from '../runtime/handle.js';
import type { LayerAdapter, NativeParameter } from '../runtime/native.js';
import { checkShape } from '../runtime/checks.js';
import { Tensor } from '../tensor.js';
import type { Layer, Parameter } from './layer.js';

/**
 * The parameters of a layer written in TypeScript as the engine wants to see them.
 *
 * @param params - What its `params` returned.
 */
export function nativeParams(layer: Layer, params: unknown = layer.params): NativeParameter[] {
  const { trainable } = layer;
  return Object.entries(Object(params) as Layer['params']).map(([name, parameter]) => {
    const wanted = `${layer.type}: params.${name} must be { value: Tensor, gradient: Tensor }`;
    const { value, gradient } = Object(parameter) as Parameter;
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

/** Its state, likewise. */
export function nativeState(layer: Layer, state: unknown = layer.state): NativeParameter[] {
  return Object.entries(Object(state) as Layer['state']).map(([name, value]) => ({
    name,
    value: nativeArgument(`${layer.type}: state.${name} must be a Tensor`, Tensor, value),
    gradient: undefined,
    trainable: false,
  }));
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
  const forward = new Lending(`${type}: forward() must return a Tensor`);
  const backward = new Lending(`${type}: backward() must return a Tensor`);
  return {
    build: (inputShape) => {
      const layer = own();
      layer.build(inputShape);
      const { outputShape } = layer;
      checkShape(`${layer.type}: outputShape`, outputShape);
      return outputShape;
    },
    forward: (input, training) => {
      const layer = own();
      return forward.call([input], (tensor) => layer.forward(tensor as Tensor, training), true);
    },
    backward: (outputGradient) => {
      const layer = own();
      return backward.call([outputGradient], (tensor) => layer.backward(tensor as Tensor), false);
    },
    release: () => {
      forward.end();
      backward.end();
    },
    params: () => nativeParams(own()),
    state: () => nativeState(own()),
  };
}
