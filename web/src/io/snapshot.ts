import { BuiltInLayer, withTensors } from '../layers/built-in-layer.js';
import type { Config, Layer, LayerConfig } from '../layers/layer.js';
import { randomStreams } from '../layers/numbers.js';
import { BuiltInLoss } from '../losses.js';
import { Model } from '../model.js';
import { mapValues } from '../map-values.js';
import { ValueError } from '../runtime/errors.js';
import { nativeArgument, nativeOf } from '../runtime/handle.js';
import type { Shape } from '../shape.js';
import type { BestEpoch } from '../training.js';
import { fileArray } from './file-array.js';
import type { Arrays, LayerSnapshot } from './layer-snapshot.js';

/** How far training has come; an epoch that was stopped has `position` below `rows`. */
export interface Progress {
  /** Epochs begun. */
  readonly epochs: number;
  /** Samples of the last one. */
  readonly rows: number;
  readonly shuffled: boolean;
  /** How many of them were trained on. */
  readonly position: number;
}

/** A model at one moment, as data: what files are written from. */
export interface ModelSnapshot {
  readonly layers: readonly LayerSnapshot[];
  readonly loss?: { readonly config: LayerConfig; readonly builtIn: boolean } | undefined;
  readonly optimizer?:
    { readonly config: LayerConfig; readonly steps: number; readonly state: Arrays } | undefined;
  readonly seed: number;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly progress: Progress;
  readonly best: BestEpoch | undefined;
}

/** `{ type, ...constructor arguments }`, as files hold it: nothing in it changes any more. */
function toConfig(part: { readonly type: string; getConfig(): Config }): LayerConfig {
  const { type } = part;
  if (type === '') throw new ValueError('a class that has no name needs a static type to be saved');
  const own = Object(part.getConfig()) as Config;
  if ('type' in own && own['type'] !== type) {
    throw new ValueError(
      `${type}: getConfig() has a 'type' of its own, which files have for the class`,
    );
  }
  try {
    // Audio worklets have none: the file is written of what getConfig() itself has returned there.
    const copy = typeof structuredClone === 'undefined' ? own : structuredClone(own);
    return { ...copy, type };
  } catch (cause) {
    throw new ValueError(`${type}: getConfig() is not plain data, which alone files hold`, {
      cause,
    });
  }
}

/** Arrays of the layers inside another, as it names them: `layers_0_weights`. */
function arraysOf(parts: LayerSnapshot['parts'], kind: 'params' | 'state'): Arrays {
  const entries = Object.entries(parts).flatMap(([part, layers]) =>
    layers.flatMap((layer, i) =>
      Object.entries(layer[kind]).map(([name, array]) => [`${part}_${i}_${name}`, array] as const),
    ),
  );
  return Object.fromEntries(entries);
}

function snapshotLayer(layer: Layer): LayerSnapshot {
  const own = layer instanceof BuiltInLayer ? layer : undefined;
  const parts = mapValues(own?.parts ?? {}, (layers) => layers.map(snapshotLayer));
  const hasParts = Object.keys(parts).length > 0;
  const arrays = hasParts
    ? { params: arraysOf(parts, 'params'), state: arraysOf(parts, 'state') }
    : withTensors(layer, (params, state) => ({
        params: mapValues(params, ({ value }) => fileArray(value)),
        state: mapValues(state, fileArray),
      }));
  return {
    config: toConfig(layer),
    builtIn: own !== undefined,
    trainable: layer.trainable,
    inputShape: own?.inputShape ?? [],
    ...arrays,
    random: randomStreams(layer).map((stream) => stream.native.randomPosition() as number),
    parts,
  };
}

/**
 * Copies what a model is at this moment.
 * @param call - What errors call it: "saveNpz".
 * @param options - Whether its optimizer as well.
 */
export function takeSnapshot(
  call: string,
  model: Model,
  { withOptimizer }: { readonly withOptimizer: boolean },
): ModelSnapshot {
  const own = nativeArgument(`${call}: model must be a Model`, Model, model);
  const { loss, optimizer, seed, inputShape, outputShape, best } = model;
  const { epochs, samples: rows, shuffled, position } = own.progress();
  return {
    layers: model.chain.map(snapshotLayer),
    loss: loss && { config: toConfig(loss), builtIn: loss instanceof BuiltInLoss },
    optimizer:
      optimizer && withOptimizer
        ? {
            config: toConfig(optimizer),
            steps: nativeOf(optimizer).steps(),
            state: Object.fromEntries(
              nativeOf(optimizer)
                .state()
                .map(({ name, value }) => {
                  const array = { shape: value.shape(), data: value.view().slice() };
                  value.delete();
                  return [name, array];
                }),
            ),
          }
        : undefined,
    seed,
    inputShape,
    outputShape,
    progress: { epochs, rows, shuffled, position },
    best,
  };
}
