import { ShapeError, showShape } from '../runtime/errors.js';
import type { LayerAdapter, NativeParameter } from '../runtime/native.js';
import { lend, returned, weakly } from '../lending.js';
import { checkShape } from '../runtime/checks.js';
import { nativeTensor } from '../tensor.js';
import type { Layer, Parameter } from './layer.js';

/** The parameters of a layer written in TypeScript as the engine wants to see them. */
export function nativeParams(layer: Layer): NativeParameter[] {
  const { trainable } = layer;
  return Object.entries(layer.params).map(([name, parameter]) => {
    const { value, gradient } = Object(parameter) as Parameter;
    const what = `${layer.type}: params.${name}`;
    const tensors = {
      value: nativeTensor(`${what}.value`, value),
      gradient: nativeTensor(`${what}.gradient`, gradient),
    };
    if (value.shape.join() !== gradient.shape.join()) {
      throw new ShapeError(
        `${layer.type}: parameter '${name}' has shape ${showShape(value.shape)}, ` +
          `its gradient ${showShape(gradient.shape)}`,
      );
    }
    return { name, ...tensors, trainable };
  });
}

/** A layer written in TypeScript as the engine wants to see it. */
export function adapterOf(layer: Layer): LayerAdapter {
  const own = weakly(layer);
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
      const result = lend(layer, 'forward', [input], (tensor) => layer.forward(tensor, training));
      return returned(layer, 'forward', result);
    },
    backward: (outputGradient) => {
      const layer = own();
      const result = lend(layer, 'backward', [outputGradient], (tensor) => layer.backward(tensor));
      return returned(layer, 'backward', result);
    },
    params: () => nativeParams(own()),
    state: () => {
      const { type, state } = own();
      return Object.entries(state).map(([name, value]) => ({
        name,
        value: nativeTensor(`${type}: state.${name}`, value),
        gradient: undefined,
        trainable: false,
      }));
    },
  };
}
