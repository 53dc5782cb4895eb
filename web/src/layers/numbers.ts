import type { Tensor } from '../tensor.js';
import { BuiltInLayer, withTensors } from './built-in-layer.js';
import { allLayers } from './chain.js';
import type { Layer } from './layer.js';

/** Calls `use` with each parameter and state of a layer, live, and a name that is its own. */
export function eachTensor(layer: Layer, use: (name: string, tensor: Tensor) => void): void {
  withTensors(layer, (params, state) => {
    for (const [name, { value }] of Object.entries(params)) use(`param ${name}`, value);
    for (const [name, value] of Object.entries(state)) use(`state ${name}`, value);
  });
}

/** Copies parameters and states; the function returned puts back those that are still there. */
export function rememberNumbers(layers: readonly Layer[]): () => void {
  const copies = layers.map((layer) => {
    const numbers = new Map<string, Float32Array>();
    eachTensor(layer, (name, tensor) => numbers.set(name, tensor.toArray()));
    return { layer, numbers };
  });
  return () => {
    for (const { layer, numbers } of copies) {
      eachTensor(layer, (name, tensor) => {
        const kept = numbers.get(name);
        if (kept?.length === tensor.size) tensor.set(kept);
      });
    }
  };
}

/** The layers among one and those inside it that draw random numbers in training. */
export function randomStreams(layer: Layer): BuiltInLayer[] {
  return allLayers([layer]).filter(
    (each): each is BuiltInLayer =>
      each instanceof BuiltInLayer && each.native.randomPosition() !== undefined,
  );
}

/** As {@link rememberNumbers}, with the positions of random numbers, which a training pass moves on. */
export function rememberPass(layers: readonly Layer[]): () => void {
  const restoreNumbers = rememberNumbers(layers);
  const streams = layers.flatMap(randomStreams).map(({ native }) => ({
    native,
    position: native.randomPosition() as number,
  }));
  return () => {
    restoreNumbers();
    for (const { native, position } of streams) native.setRandomPosition(position);
  };
}
