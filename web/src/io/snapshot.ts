import { BuiltInLayer, withTensors } from '../layers/built-in-layer.js';
import type { Config, Layer, LayerConfig } from '../layers/layer.js';
import { Residual } from '../layers/residual.js';
import { BuiltInLoss } from '../losses.js';
import type { Model } from '../model.js';
import { mapValues } from '../map-values.js';
import { nativeOf } from '../runtime/handle.js';
import type { Shape } from '../tensor.js';
import type { BestEpoch } from '../training.js';
import { type FileArray, fileArray } from './file-array.js';

/** Arrays by name. */
export type Arrays = Readonly<Record<string, FileArray>>;

/** A layer as data. */
export interface LayerSnapshot {
  readonly config: LayerConfig;
  /** Whether it is one of the package's own. */
  readonly builtIn: boolean;
  readonly trainable: boolean;
  /** Of the package's own. */
  readonly inputShape: Shape;
  readonly params: Arrays;
  readonly state: Arrays;
  /** Positions of its random numbers. */
  readonly random: readonly number[];
  /** The layers of a Residual, whose arrays these have too. */
  readonly layers: readonly LayerSnapshot[];
  /** Those of its shortcut. */
  readonly shortcut: readonly LayerSnapshot[];
}

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
  return JSON.parse(JSON.stringify({ ...part.getConfig(), type: part.type })) as LayerConfig;
}

/** The arrays whose names begin so, by the rest of their names. */
function inside(arrays: Arrays, prefix: string): Arrays {
  return Object.fromEntries(
    Object.entries(arrays)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, array]) => [name.slice(prefix.length), array]),
  );
}

/** The layers among one and those inside it that draw random numbers in training. */
export function randomStreams(layer: Layer): BuiltInLayer[] {
  if (layer instanceof Residual) return [...layer.layers, ...layer.shortcut].flatMap(randomStreams);
  return layer instanceof BuiltInLayer && layer.native.randomPosition() !== undefined
    ? [layer]
    : [];
}

function snapshotLayer(layer: Layer, params: Arrays, state: Arrays): LayerSnapshot {
  const within = (layers: readonly Layer[], name: string): LayerSnapshot[] =>
    layers.map((each, i) => {
      const prefix = `${name}_${i}_`;
      return snapshotLayer(each, inside(params, prefix), inside(state, prefix));
    });
  const residual = layer instanceof Residual;
  return {
    config: toConfig(layer),
    builtIn: layer instanceof BuiltInLayer,
    trainable: layer.trainable,
    inputShape: layer instanceof BuiltInLayer ? layer.inputShape : [],
    params,
    state,
    random: randomStreams(layer).map((stream) => stream.native.randomPosition() as number),
    layers: residual ? within(layer.layers, 'layers') : [],
    shortcut: residual ? within(layer.shortcut, 'shortcut') : [],
  };
}

/**
 * Copies what a model is at this moment.
 * @param options - Whether its optimizer as well.
 */
export function takeSnapshot(
  model: Model,
  { withOptimizer }: { readonly withOptimizer: boolean },
): ModelSnapshot {
  const { loss, optimizer, seed, inputShape, outputShape, best } = model;
  const { epochs, samples: rows, shuffled, position } = nativeOf(model).progress();
  return {
    layers: model.layers.map((layer) =>
      withTensors(layer, (params, state) =>
        snapshotLayer(
          layer,
          mapValues(params, ({ value }) => fileArray(value)),
          mapValues(state, fileArray),
        ),
      ),
    ),
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
