import type { Config, LayerConfig } from '../layers/layer.js';
import { layerLists } from '../part-names.js';
import { FormatError } from '../runtime/errors.js';
import type { Shape } from '../shape.js';
import type { BestEpoch } from '../training.js';
import type { FileArray } from './file-array.js';
import { limits } from './limits.js';
import type { Progress } from './snapshot.js';

/** The contents of a model's file. Class names and constructor arguments are unchecked. */
export interface ModelFile {
  readonly layers: readonly LayerConfig[];
  readonly loss?: LayerConfig | undefined;
  readonly optimizer?: LayerConfig | undefined;
  /** Steps the optimizer has taken. */
  readonly steps: number;
  readonly seed?: number | undefined;
  readonly inputShape?: Shape | undefined;
  readonly progress?: Progress | undefined;
  readonly best?: BestEpoch | undefined;
  /** Positions of each layer's random numbers. */
  readonly random?: readonly (readonly number[])[] | undefined;
  /** Places of frozen layers among the layers, each before those inside it. */
  readonly frozen?: readonly number[] | undefined;
  readonly arrays: ReadonlyMap<string, FileArray>;
}

/** How a format names the arrays of a model. */
export interface Names {
  param(layer: number, name: string): string;
  state(layer: number, name: string): string;
  /** In front of the optimizer's own name of a state, if the format has those. */
  readonly optimizer?: string;
}

/** Names of the .npz layout. */
export const npzNames = {
  param: (layer: number, name: string) => `layer_${layer}_${name}`,
  state: (layer: number, name: string) => `layer_${layer}_state_${name}`,
  optimizer: 'optimizer_',
} satisfies Names;

/** Names in .safetensors files. */
export const safetensorsNames: Names = {
  param: (layer, name) => `layer_${layer}.${name}`,
  state: (layer, name) => `layer_${layer}.${name}`,
};

/** How many layers configurations describe, those inside others included. */
function countLayers(layers: unknown): number {
  if (!Array.isArray(layers)) return 0;
  let count = layers.length;
  for (const layer of layers) {
    for (const name of layerLists) count += countLayers((Object(layer) as Config)[name]);
  }
  return count;
}

/** @throws {@link FormatError} for a model of more layers than {@link limits} allow. */
export function checkFile({ layers }: ModelFile): void {
  const count = countLayers(layers);
  if (count <= limits.layers) return;
  throw new FormatError('layers', `are ${count}, at most ${limits.layers} are allowed`);
}
