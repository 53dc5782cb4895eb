import type { LayerConfig } from '../layers/layer.js';
import { FormatError, ValueError } from '../runtime/errors.js';
import type { Shape } from '../tensor.js';
import type { BestEpoch } from '../training.js';
import type { FileArray } from './file-array.js';
import { limits } from './limits.js';
import type { ModelSnapshot, Progress } from './snapshot.js';

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
    const { layers, shortcut } = Object(layer) as { layers?: unknown; shortcut?: unknown };
    count += countLayers(layers) + countLayers(shortcut);
  }
  return count;
}

/** @throws {@link FormatError} for a model of more layers than {@link limits} allow. */
export function checkFile({ layers }: ModelFile): void {
  const count = countLayers(layers);
  if (count <= limits.layers) return;
  throw new FormatError('layers', `are ${count}, at most ${limits.layers} are allowed`);
}

/**
 * The arrays of a model: parameters, states and, where the format has it, the optimizer's.
 * @throws {@link ValueError} where the format's names for two of them are one.
 */
export function modelArrays(
  { layers, optimizer }: ModelSnapshot,
  names: Names,
): Map<string, FileArray> {
  const arrays = new Map<string, FileArray>();
  const add = (name: string, array: FileArray): void => {
    if (arrays.has(name)) {
      throw new ValueError(
        `the model cannot be saved: two of its arrays would be '${name.slice(0, 100)}'; ` +
          'a parameter and a state of a layer need names of their own',
      );
    }
    arrays.set(name, array);
  };
  for (const [i, { params, state }] of layers.entries()) {
    for (const [name, array] of Object.entries(params)) add(names.param(i, name), array);
    for (const [name, array] of Object.entries(state)) add(names.state(i, name), array);
  }
  if (names.optimizer !== undefined) {
    for (const [name, array] of Object.entries(optimizer?.state ?? {})) {
      add(names.optimizer + name, array);
    }
  }
  return arrays;
}
