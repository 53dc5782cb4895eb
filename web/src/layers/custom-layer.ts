import { ShapeError, showShape } from '../runtime/errors.js';
import type { LayerAdapter, NativeParameter, NativeTensor } from '../runtime/native.js';
import { Adapter, lend, returned } from '../lending.js';
import { checkBoolean, checkShape, isPlain, reject } from '../runtime/checks.js';
import type { Shape } from '../shape.js';
import { nativeTensor } from '../tensor.js';
import type { Layer, Parameter } from './layer.js';

/** The named parts of a layer written in TypeScript; throws unless they are in a plain object. */
function entries<Value>(what: string, values: Record<string, Value>): [name: string, Value][] {
  return Object.entries(isPlain(values) ? values : reject(what, 'an object', values));
}

/** The parameters of a layer written in TypeScript as the engine wants to see them. */
export function nativeParams(layer: Layer, params = layer.params): NativeParameter[] {
  const { trainable } = layer;
  return entries(`${layer.type}: params`, params).map(([name, parameter]) => {
    const own = Object(parameter) as Parameter;
    const { value, gradient, decays = !/bias|beta|gamma/.test(name) } = own;
    const what = `${layer.type}: params.${name}`;
    checkBoolean(`${what}.decays`, decays);
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
    return { name, ...tensors, trainable, decays };
  });
}

/** As {@link nativeParams}, its state. */
export function nativeState(layer: Layer, state = layer.state): NativeParameter[] {
  return entries(`${layer.type}: state`, state).map(([name, value]) => ({
    name,
    value: nativeTensor(`${layer.type}: state.${name}`, value),
    gradient: undefined,
    trainable: false,
    decays: false,
  }));
}

/** A layer written in TypeScript as the engine wants to see it. */
export class CustomLayerAdapter extends Adapter<Layer> implements LayerAdapter {
  build(inputShape: Shape): Shape {
    const layer = this.part;
    layer.build(inputShape);
    const { outputShape } = layer;
    checkShape(`${layer.type}: outputShape`, outputShape);
    return outputShape;
  }

  forward(input: NativeTensor, training: boolean): NativeTensor {
    const layer = this.part;
    const result = lend(layer, 'forward', [input], (tensor) => layer.forward(tensor, training));
    return returned(layer, 'forward', result);
  }

  backward(outputGradient: NativeTensor): NativeTensor {
    const layer = this.part;
    const result = lend(layer, 'backward', [outputGradient], (tensor) => layer.backward(tensor));
    return returned(layer, 'backward', result);
  }

  params(): NativeParameter[] {
    return nativeParams(this.part);
  }

  state(): NativeParameter[] {
    return nativeState(this.part);
  }
}
