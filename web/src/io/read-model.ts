import { BuiltInLayer, withTensors } from '../layers/built-in-layer.js';
import { allLayers } from '../layers/chain.js';
import { copyInto, type Layer } from '../layers/layer.js';
import { layerFromConfig } from '../layers/registry.js';
import { WeightedLayer } from '../layers/weighted-layer.js';
import { mapValues } from '../map-values.js';
import type { Model } from '../model.js';
import { FormatError, showShape } from '../runtime/errors.js';
import { nativeOf } from '../runtime/handle.js';
import { native } from '../runtime/init.js';
import type { Shape } from '../shape.js';
import { type Tensor, tensor } from '../tensor.js';
import { type FileArray, inEntry } from './file-array.js';
import { randomStreams, rememberNumbers } from '../layers/numbers.js';
import { modelClass } from './model-class.js';
import { checkFile, type ModelFile, type Names, npzNames, safetensorsNames } from './model-file.js';
import { lossFromConfig, optimizerFromConfig } from './registries.js';

/** Everything in a model that has numbers, by the format's names. */
function targets(model: Model, names: Names): Map<string, { readonly shape: Shape }> {
  const all = new Map<string, { readonly shape: Shape }>();
  for (const [i, layer] of model.chain.entries()) {
    withTensors(layer, (params, state) => {
      for (const [name, { value }] of Object.entries(params)) {
        all.set(names.param(i, name), { shape: value.shape });
      }
      for (const [name, { shape }] of Object.entries(state)) {
        all.set(names.state(i, name), { shape });
      }
    });
  }
  return all;
}

/**
 * Checks that a file has the arrays that a model wants, and no other.
 * @throws {@link FormatError} naming the array.
 */
function checkArrays(
  wanted: ReadonlyMap<string, { readonly shape: Shape }>,
  given: ReadonlyMap<string, FileArray>,
): void {
  for (const [name, { shape }] of wanted) {
    const array = given.get(name);
    if (array === undefined) throw new FormatError(name, 'is missing');
    if (array.shape.join() !== shape.join()) {
      throw new FormatError(
        name,
        `should have shape ${showShape(shape)}, has ${showShape(array.shape)}`,
      );
    }
  }
  for (const name of given.keys()) {
    if (!wanted.has(name)) throw new FormatError(name, 'is nothing that this model has');
  }
}

/** Copies values into a layer by its own names. */
function loadLayer(
  layer: Layer,
  value: (kind: 'param' | 'state', name: string) => FileArray,
): void {
  if (layer instanceof BuiltInLayer) {
    withTensors(layer, (params, state) => {
      for (const [name, own] of Object.entries(params)) own.value.set(value('param', name).data);
      for (const [name, own] of Object.entries(state)) own.set(value('state', name).data);
    });
    layer.native.paramsLoaded();
    return;
  }
  const copies: Tensor[] = [];
  const take = (kind: 'param' | 'state', own: object): Record<string, Tensor> =>
    mapValues(own as Record<string, unknown>, (_, name) => {
      const { data, shape } = value(kind, name);
      const copy = tensor(data, shape);
      copies.push(copy);
      return copy;
    });
  try {
    const params = take('param', layer.params);
    if (copies.length > 0) layer.loadParams(params);
    const state = take('state', layer.state);
    // A class that has a getter of its own, and no setter, hides that of Layer.
    if (Object.keys(state).length > 0 && !Reflect.set(layer, 'state', state)) {
      copyInto(layer, 'state', layer.state, state);
    }
  } finally {
    for (const copy of copies) copy.dispose();
  }
}

/**
 * Copies a file's arrays into the layers of a model that has their shapes.
 * @throws {@link FormatError} when an array is missing, superfluous or of another shape, before
 * anything is changed; and what a layer of one's own throws.
 */
function loadLayers(model: Model, arrays: ReadonlyMap<string, FileArray>, names: Names): void {
  checkArrays(targets(model, names), arrays);
  for (const [i, layer] of model.chain.entries()) {
    loadLayer(layer, (kind, name) => arrays.get(names[kind](i, name)) as FileArray);
  }
}

/**
 * Does the work of `loadSafetensors` of index.ts: as {@link loadLayers}, of a model that has weights.
 * @throws As it does; then nothing is changed.
 */
export function loadArrays(model: Model, arrays: ReadonlyMap<string, FileArray>): void {
  const restore = rememberNumbers(model.chain);
  try {
    loadLayers(model, arrays, safetensorsNames);
  } catch (error) {
    restore();
    throw error;
  }
}

/**
 * A file may hold biases that 'auto' would drop before batch normalization, or have none.
 * @param name - The names of the parameters of a layer by its place.
 */
function matchBiases(
  layers: readonly Layer[],
  arrays: ReadonlyMap<string, FileArray>,
  name: (place: number) => string,
): void {
  for (const [i, layer] of layers.entries()) {
    const prefix = name(i);
    if (layer instanceof BuiltInLayer) {
      for (const [part, inner] of Object.entries(layer.parts)) {
        matchBiases(inner, arrays, (place) => `${prefix}${part}_${place}_`);
      }
    }
    if (!(layer instanceof WeightedLayer)) continue;
    const given = arrays.has(`${prefix}biases`);
    if (given === layer.noBias) layer.initWeights(layer.initialization, !given);
  }
}

function restoreOptimizer(model: Model, file: ModelFile, prefix: string): void {
  const names = Array.from(file.arrays.keys()).filter((name) => name.startsWith(prefix));
  if (names.length === 0 && file.steps === 0) return;
  const { optimizer } = model;
  if (optimizer === undefined) throw new FormatError('optimizer', 'is missing, its state is not');
  inEntry('optimizer', () => nativeOf(model).prepareOptimizer(file.steps));
  const state = nativeOf(optimizer).state();
  try {
    // A model of no parameters leaves none.
    if (names.length === 0 && state.length > 0) {
      throw new FormatError('optimizer', `its state after ${file.steps} steps is missing`);
    }
    const wanted = new Map(
      state.map(({ name, value }) => [prefix + name, { shape: value.shape() }]),
    );
    const given = new Map(names.map((name) => [name, file.arrays.get(name) as FileArray]));
    checkArrays(wanted, given);
    for (const { name, value } of state) {
      value.view().set((given.get(prefix + name) as FileArray).data);
    }
  } finally {
    for (const { value } of state) value.delete();
  }
}

function restoreRandom(model: Model, random: readonly (readonly number[])[]): void {
  if (random.length !== model.chain.length) {
    throw new FormatError('random', 'must have one entry for each layer');
  }
  for (const [i, layer] of model.chain.entries()) {
    const positions = random[i] as readonly number[];
    const streams = randomStreams(layer);
    if (streams.length !== positions.length) {
      throw new FormatError(
        'random',
        `layer ${i} (${layer.type}) has ${streams.length} streams of random numbers, ` +
          `got ${positions.length} positions`,
      );
    }
    for (const [j, stream] of streams.entries()) {
      stream.native.setRandomPosition(positions[j] as number);
    }
  }
}

function freeze(model: Model, places: readonly number[]): void {
  const all = allLayers(model.chain);
  const frozen = new Set(places);
  for (const place of frozen) {
    if (place >= all.length) throw new FormatError('frozen', `there is no layer ${place}`);
  }
  // A block before the layers inside, which it freezes or thaws as well.
  for (const [i, layer] of all.entries()) {
    if (layer.trainable === frozen.has(i)) layer.trainable = !frozen.has(i);
  }
}

/** The model's parts; what was made is added to `made`. */
function construct(file: ModelFile, made: { dispose(): void }[]): Model {
  const keep = <Part extends { dispose(): void }>(part: Part): Part => {
    made.push(part);
    return part;
  };
  const layers = file.layers.map((config, i) =>
    inEntry(`layer ${i}`, () => keep(layerFromConfig(config))),
  );
  const loss = file.loss && keep(lossFromConfig(file.loss));
  const optimizer = file.optimizer && keep(optimizerFromConfig(file.optimizer));
  const { seed, inputShape } = file;
  return inEntry('architecture', () =>
    keep(new modelClass.current(layers, { loss, optimizer, seed, inputShape, warnings: false })),
  );
}

/**
 * Makes the model that a file describes, with everything in it. Memory is bounded by the file's
 * arrays: an architecture of a few bytes cannot claim gigabytes.
 * @throws {@link FormatError} for whatever is wrong; then nothing is left of the model.
 */
export function readModel(file: ModelFile): Model {
  const engine = native('loading a model');
  checkFile(file);
  const floats = Array.from(file.arrays.values()).reduce((sum, { data }) => sum + data.length, 0);
  const made: { dispose(): void }[] = [];
  // Values, gradients and optimizer state, each drawn, copied in and perhaps made anew: no honest
  // file needs more. A layer of one's own may need something beside.
  engine.limitAllocations(24 * floats + 2 ** 20);
  try {
    const model = construct(file, made);
    matchBiases(model.chain, file.arrays, (place) => npzNames.param(place, ''));
    const prefix = npzNames.optimizer;
    const ofLayers = Array.from(file.arrays).filter(([name]) => !name.startsWith(prefix));
    loadLayers(model, new Map(ofLayers), npzNames);
    restoreOptimizer(model, file, prefix);
    const { progress, random, frozen } = file;
    if (frozen) freeze(model, frozen);
    if (progress) {
      const { epochs, rows, shuffled, position } = progress;
      nativeOf(model).restoreProgress({ epochs, samples: rows, shuffled, position });
    }
    if (random) restoreRandom(model, random);
    model.best = file.best;
    return model;
  } catch (error) {
    for (const part of made.reverse()) {
      try {
        part.dispose();
      } catch {
        // A class of one's own: the error is the first one.
      }
    }
    throw error;
  } finally {
    engine.unlimitAllocations();
  }
}
