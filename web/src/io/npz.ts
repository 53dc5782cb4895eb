import type { LayerConfig } from '../layers/layer.js';
import type { Model } from '../model.js';
import { nativeOf } from '../runtime/handle.js';
import { native } from '../runtime/init.js';
import type { NativeProgress } from '../runtime/native.js';
import { BuiltInLayer } from '../layers/built-in-layer.js';
import { FormatError } from '../runtime/errors.js';
import type { BestEpoch } from '../training.js';
import type { FileArray } from './arrays.js';
import {
  asCount,
  asList,
  asObject,
  asText,
  type Json,
  type JsonObject,
  parseJson,
  toCamelCase,
  toSnakeCase,
} from './json.js';
import { readNpy, readNpyText, writeNpy, writeNpyText } from './npy.js';
import { allLayers, buildModel, modelArrays, npzNames, type Plan, toConfig } from './plan.js';
import { readZip, writeZip } from './zip.js';

/** The entry that a checkpoint has and the layout has not: what exact resuming needs beside it. */
const exactEntry = 'lamella';

/**
 * Arguments that the layout leaves out where they have these values, in snake case: the classes
 * that it names do not take them all, and missing ones mean the defaults.
 */
const leftOut: Record<string, JsonObject> = {
  MaxPooling2D: { pool_size: 2, stride: 2 },
  AveragePooling2D: { pool_size: 2, stride: 2 },
  Softmax: { temperature: 1 },
  CategoricalCrossEntropy: { temperature: 1 },
  SparseCategoricalCrossEntropy: { temperature: 1 },
};

/** A part's configuration as the layout has it. */
function toLayout(config: LayerConfig): JsonObject {
  const { type, ...named } = toSnakeCase(config as JsonObject) as JsonObject;
  const defaults = leftOut[config.type] ?? {};
  const kept = Object.entries(named).filter(([key, value]) => defaults[key] !== value);
  return { type: type as string, ...Object.fromEntries(kept) };
}

/** What a layout says about a part. */
function fromLayout(entry: string, value: Json): LayerConfig {
  const config = asObject(entry, toCamelCase(value));
  const type = asText(`${entry}: type`, config['type']);
  // The reference's name for the pooling layers' stride.
  const { strides, ...others } = config;
  return strides === undefined ? { ...config, type } : { ...others, type, stride: strides };
}

/** Whether the last layer is the activation that the loss includes, which the layout leaves out. */
function endsInActivation(model: Model): boolean {
  const last = model.layers.at(-1)?.type;
  return (
    (last === 'Softmax' && model.loss?.type.endsWith('CategoricalCrossEntropy') === true) ||
    (last === 'Sigmoid' && model.loss?.type === 'BinaryCrossEntropy')
  );
}

function architecture(model: Model): JsonObject[] {
  const layers = endsInActivation(model) ? model.layers.slice(0, -1) : model.layers;
  return layers.map((layer, i) => {
    const config = toConfig(layer);
    const knows = 'inputShape' in config || 'inputSize' in config;
    return toLayout(i === 0 && !knows ? { ...config, inputShape: [...model.inputShape] } : config);
  });
}

function entries(model: Model, exact: boolean): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const [name, array] of modelArrays(model, npzNames)) {
    files.set(`${name}.npy`, writeNpy(array));
  }
  const { loss, optimizer, seed } = model;
  const steps = optimizer ? nativeOf(optimizer).steps() : 0;
  const add = (name: string, value: unknown): void => {
    files.set(`${name}.npy`, writeNpyText(JSON.stringify(value)));
  };
  add('architecture', architecture(model));
  add('model_config', {
    ...(loss && { loss: toLayout(toConfig(loss)) }),
    ...(optimizer && { optimizer: toLayout(toConfig(optimizer)) }),
    // Adam's alone depends on the step.
    optimizer_globals: optimizer?.type.startsWith('Adam') ? { t: steps } : {},
  });
  if (exact) {
    add(exactEntry, {
      version: 1,
      layers: model.layers.map(toConfig),
      ...(loss && { loss: toConfig(loss) }),
      ...(optimizer && { optimizer: toConfig(optimizer) }),
      steps,
      seed,
      inputShape: model.inputShape,
      progress: nativeOf(model).progress(),
      ...(model.best && { best: model.best }),
      frozen: allLayers(model.layers).flatMap((layer, i) => (layer.trainable ? [] : [i])),
      random: model.layers.map((layer) =>
        layer instanceof BuiltInLayer ? layer.native.randomPositions() : [],
      ),
    });
  }
  return files;
}

/**
 * A model as an .npz file that numpy reads: configuration as JSON in `architecture` and
 * `model_config`, parameters as `layer_{i}_{name}`, states as `layer_{i}_state_{name}`, the
 * optimizer's as `optimizer_{slot}_layer_{i}_{name}`. A final activation that the loss includes
 * is left out. To go on training exactly, use {@link saveCheckpoint}.
 */
export function saveNpz(model: Model): Uint8Array<ArrayBuffer> {
  return writeZip(entries(model, false));
}

/**
 * All that training depends on, at this moment: weights, states, optimizer, positions of the
 * random numbers, epochs, and how far the present one has come. A model from
 * {@link loadCheckpoint}, in whatever process, goes on to bit for bit the weights that this one
 * would get, with `resume: true` also from within an epoch. The file is an .npz of
 * {@link saveNpz}'s layout with one more entry.
 */
export function saveCheckpoint(model: Model): Uint8Array<ArrayBuffer> {
  return writeZip(entries(model, true));
}

interface Contents {
  readonly texts: ReadonlyMap<string, Json>;
  readonly arrays: ReadonlyMap<string, FileArray>;
}

const textEntries = new Set(['architecture', 'model_config', exactEntry]);

async function readContents(bytes: Uint8Array): Promise<Contents> {
  const texts = new Map<string, Json>();
  const arrays = new Map<string, FileArray>();
  for (const [file, contents] of await readZip(bytes)) {
    if (!file.endsWith('.npy')) throw new FormatError(file, 'is no .npy array');
    const name = file.slice(0, -'.npy'.length);
    if (textEntries.has(name)) texts.set(name, parseJson(name, readNpyText(name, contents)));
    else arrays.set(name, readNpy(name, contents));
  }
  return { texts, arrays };
}

/** A part of a checkpoint, which must name its class. */
function exactConfig(entry: string, value: Json): LayerConfig {
  const config = asObject(entry, value);
  return { ...config, type: asText(`${entry}: type`, config['type']) };
}

function bestEpoch(value: Json): BestEpoch {
  const { loss, age } = asObject('best', value);
  if (typeof loss === 'number') return { loss, age: asCount('best', age) };
  throw new FormatError('best', `expected a loss, got ${JSON.stringify(loss)}`);
}

function exactPlan(value: Json, arrays: Contents['arrays']): Plan {
  const exact = asObject(exactEntry, value);
  if (exact['version'] !== 1) {
    throw new FormatError(exactEntry, `version ${JSON.stringify(exact['version'])} is not known`);
  }
  const { loss, optimizer } = exact;
  const progress = asObject('progress', exact['progress']);
  return {
    layers: asList('layers', exact['layers']).map((layer, i) =>
      exactConfig(`layer ${String(i)}`, layer),
    ),
    loss: loss === undefined ? undefined : exactConfig('loss', loss),
    optimizer: optimizer === undefined ? undefined : exactConfig('optimizer', optimizer),
    steps: asCount('steps', exact['steps']),
    seed: asCount('seed', exact['seed']),
    inputShape: asList('inputShape', exact['inputShape']).map((dim) => asCount('inputShape', dim)),
    progress: {
      epochs: asCount('progress', progress['epochs']),
      rows: asCount('progress', progress['rows']),
      shuffled: progress['shuffled'] === true,
      position: asCount('progress', progress['position']),
    } satisfies NativeProgress,
    best: exact['best'] === undefined ? undefined : bestEpoch(exact['best']),
    frozen: asList('frozen', exact['frozen']).map((place) => asCount('frozen', place)),
    random: asList('random', exact['random']).map((positions) =>
      asList('random', positions).map((position) => asCount('random', position)),
    ),
    arrays,
  };
}

function layoutPlan({ texts, arrays }: Contents): Plan {
  const layers = texts.get('architecture');
  if (layers === undefined) throw new FormatError('architecture', 'is missing');
  const config = asObject('model_config', texts.get('model_config') ?? {});
  const part = (name: string): LayerConfig | undefined => {
    const value = config[name];
    return value === undefined || value === null ? undefined : fromLayout(name, value);
  };
  const globals = asObject('optimizer_globals', config['optimizer_globals'] ?? {});
  return {
    layers: asList('architecture', layers).map((layer, i) =>
      fromLayout(`layer ${String(i)}`, layer),
    ),
    loss: part('loss'),
    optimizer: part('optimizer'),
    steps: asCount('optimizer_globals', globals['t'] ?? 0),
    arrays,
  };
}

/**
 * Makes the model of an .npz file of the layout that {@link saveNpz} writes; one of
 * {@link saveCheckpoint} with all that it holds. Nothing in the file is ever run or followed.
 * @throws {@link FormatError}, naming the entry, for whatever is wrong; then there is no model.
 */
export async function loadNpz(bytes: Uint8Array): Promise<Model> {
  native('loadNpz');
  const contents = await readContents(bytes);
  const exact = contents.texts.get(exactEntry);
  const plan = exact === undefined ? layoutPlan(contents) : exactPlan(exact, contents.arrays);
  return buildModel(plan, npzNames);
}

/**
 * Makes the model of a checkpoint, ready to go on training as if nothing had happened. Classes of
 * one's own must be registered before. Nothing in the file is ever run or followed.
 * @throws {@link FormatError}, naming the entry, for whatever is wrong; then there is no model.
 */
export async function loadCheckpoint(bytes: Uint8Array): Promise<Model> {
  native('loadCheckpoint');
  const contents = await readContents(bytes);
  const exact = contents.texts.get(exactEntry);
  if (exact === undefined) {
    throw new FormatError(exactEntry, 'is missing: the file is no checkpoint');
  }
  return buildModel(exactPlan(exact, contents.arrays), npzNames);
}
