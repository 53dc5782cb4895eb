import type { LayerConfig } from '../layers/layer.js';
import { FormatError } from '../runtime/errors.js';
import type { BestEpoch } from '../training.js';
import type { FileArray } from './file-array.js';
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
import { modelArrays, npzNames, type ModelFile } from './model-file.js';
import type { LayerSnapshot, ModelSnapshot } from './snapshot.js';
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

/** A part's configuration from the layout. */
function fromLayout(entry: string, value: Json): LayerConfig {
  const config = asObject(entry, toCamelCase(value));
  const type = asText(`${entry}: type`, config['type']);
  // The reference's name for the pooling layers' stride.
  const { strides, ...others } = config;
  return strides === undefined ? { ...config, type } : { ...others, type, stride: strides };
}

/** Whether the last layer is the activation that the loss includes, which the layout leaves out. */
function endsInActivation({ layers, loss }: ModelSnapshot): boolean {
  const last = layers.at(-1)?.config.type;
  return (
    (last === 'Softmax' && loss?.config.type.endsWith('CategoricalCrossEntropy') === true) ||
    (last === 'Sigmoid' && loss?.config.type === 'BinaryCrossEntropy')
  );
}

function architecture(model: ModelSnapshot): JsonObject[] {
  const layers = endsInActivation(model) ? model.layers.slice(0, -1) : model.layers;
  return layers.map(({ config }, i) => {
    const knows = 'inputShape' in config || 'inputSize' in config;
    return toLayout(i === 0 && !knows ? { ...config, inputShape: [...model.inputShape] } : config);
  });
}

/** A layer and those inside it, in the order of {@link ModelFile.frozen}. */
function flat(layer: LayerSnapshot): LayerSnapshot[] {
  return [layer, ...layer.layers.flatMap(flat), ...layer.shortcut.flatMap(flat)];
}

function entries(model: ModelSnapshot, exact: boolean): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const [name, array] of modelArrays(model, npzNames)) {
    files.set(`${name}.npy`, writeNpy(array));
  }
  const { layers, loss, optimizer, seed, inputShape, progress, best } = model;
  const steps = optimizer?.steps ?? 0;
  const add = (name: string, value: unknown): void => {
    files.set(`${name}.npy`, writeNpyText(JSON.stringify(value)));
  };
  add('architecture', architecture(model));
  add('model_config', {
    ...(loss && { loss: toLayout(loss.config) }),
    ...(optimizer && { optimizer: toLayout(optimizer.config) }),
    // Adam's alone depends on the step.
    optimizer_globals: optimizer?.config.type.startsWith('Adam') ? { t: steps } : {},
  });
  if (exact) {
    add(exactEntry, {
      version: 1,
      layers: layers.map(({ config }) => config),
      ...(loss && { loss: loss.config }),
      ...(optimizer && { optimizer: optimizer.config }),
      steps,
      seed,
      inputShape,
      progress,
      ...(best && { best }),
      frozen: layers.flatMap(flat).flatMap(({ trainable }, i) => (trainable ? [] : [i])),
      random: layers.map(({ random }) => random),
    });
  }
  return files;
}

/** The file that `saveNpz` of index.ts returns. */
export function writeNpz(model: ModelSnapshot): Uint8Array<ArrayBuffer> {
  return writeZip(entries(model, false));
}

/** The file that `saveCheckpoint` of index.ts returns. */
export function writeCheckpoint(model: ModelSnapshot): Uint8Array<ArrayBuffer> {
  return writeZip(entries(model, true));
}

interface Contents {
  readonly texts: ReadonlyMap<string, Json>;
  readonly arrays: ReadonlyMap<string, FileArray>;
}

const textEntries = new Set(['architecture', 'model_config', exactEntry]);

async function readContents(bytes: Uint8Array<ArrayBuffer>): Promise<Contents> {
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

function exactFile(value: Json, arrays: Contents['arrays']): ModelFile {
  const exact = asObject(exactEntry, value);
  if (exact['version'] !== 1) {
    throw new FormatError(exactEntry, `version ${JSON.stringify(exact['version'])} is not known`);
  }
  const { loss, optimizer } = exact;
  const progress = asObject('progress', exact['progress']);
  const epochs = asCount('progress', progress['epochs']);
  const rows = asCount('progress', progress['rows']);
  const position = asCount('progress', progress['position']);
  if (position > rows || (epochs === 0 && rows > 0)) {
    throw new FormatError(
      'progress',
      `${position} of ${rows} samples in epoch ${epochs} is not possible`,
    );
  }
  return {
    layers: asList('layers', exact['layers']).map((layer, i) => exactConfig(`layer ${i}`, layer)),
    loss: loss === undefined ? undefined : exactConfig('loss', loss),
    optimizer: optimizer === undefined ? undefined : exactConfig('optimizer', optimizer),
    steps: asCount('steps', exact['steps']),
    seed: asCount('seed', exact['seed']),
    inputShape: asList('inputShape', exact['inputShape']).map((dim) => asCount('inputShape', dim)),
    progress: { epochs, rows, shuffled: progress['shuffled'] === true, position },
    best: exact['best'] === undefined ? undefined : bestEpoch(exact['best']),
    frozen: asList('frozen', exact['frozen']).map((place) => asCount('frozen', place)),
    random: asList('random', exact['random']).map((positions) =>
      asList('random', positions).map((position) => asCount('random', position)),
    ),
    arrays,
  };
}

function layoutFile({ texts, arrays }: Contents): ModelFile {
  const layers = texts.get('architecture');
  if (layers === undefined) throw new FormatError('architecture', 'is missing');
  const config = asObject('model_config', texts.get('model_config') ?? {});
  const part = (name: string): LayerConfig | undefined => {
    const value = config[name];
    return value === undefined || value === null ? undefined : fromLayout(name, value);
  };
  const globals = asObject('optimizer_globals', config['optimizer_globals'] ?? {});
  return {
    layers: asList('architecture', layers).map((layer, i) => fromLayout(`layer ${i}`, layer)),
    loss: part('loss'),
    optimizer: part('optimizer'),
    steps: asCount('optimizer_globals', globals['t'] ?? 0),
    arrays,
  };
}

/** The contents of a file, for `loadNpz` of index.ts. */
export async function readNpz(bytes: Uint8Array<ArrayBuffer>): Promise<ModelFile> {
  const contents = await readContents(bytes);
  const exact = contents.texts.get(exactEntry);
  return exact === undefined ? layoutFile(contents) : exactFile(exact, contents.arrays);
}

/** The contents of a checkpoint, for `loadCheckpoint` of index.ts. */
export async function readCheckpoint(bytes: Uint8Array<ArrayBuffer>): Promise<ModelFile> {
  const contents = await readContents(bytes);
  const exact = contents.texts.get(exactEntry);
  if (exact === undefined) {
    throw new FormatError(exactEntry, 'is missing: the file is no checkpoint');
  }
  return exactFile(exact, contents.arrays);
}
