import type { LayerConfig } from '../layers/layer.js';
import { losses } from '../losses.js';
import { describe, FormatError, LamellaError, ValueError } from '../runtime/errors.js';
import type { BestEpoch } from '../training.js';
import { layerLists } from '../part-names.js';
import { builtInClass } from './built-in.js';
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
import { otherArchive } from './kinds.js';
import type { LayerSnapshot } from './layer-snapshot.js';
import { limits } from './limits.js';
import { readNpy, readNpyText, writeNpy, writeNpyText } from './npy.js';
import { modelArrays } from './model-arrays.js';
import { checkFile, npzNames, type ModelFile } from './model-file.js';
import { checkPlain } from './plain.js';
import type { ModelSnapshot } from './snapshot.js';
import { readZip, writeZip } from './zip.js';

/** The entry that a checkpoint has and the layout has not: what exact resuming needs beside it. */
const exactEntry = 'lamella';

/** A configuration with its arguments renamed, and `change` made of each layer in a list of them. */
function mapConfig(
  config: JsonObject,
  rename: (name: string) => string,
  change: (inner: Json) => JsonObject,
): JsonObject {
  const own = Object.entries(config).map(([name, value]) => {
    const isList = layerLists.some((list) => list === name) && Array.isArray(value);
    return [rename(name), isList ? value.map(change) : value];
  });
  return Object.fromEntries(own) as JsonObject;
}

/** A part's configuration as the layout has it. Those of classes of one's own stay as they are. */
function toLayout(config: JsonObject): JsonObject {
  const { type, ...given } = config as Record<string, Json> & { type: string };
  const own = builtInClass(type);
  if (own === undefined) return config;
  const defaults = Object.entries(own.leftOut ?? {});
  const isLeftOut = defaults.every(([name, value]) => given[name] === value);
  for (const [name] of isLeftOut ? defaults : []) Reflect.deleteProperty(given, name);
  return { type, ...mapConfig(given, toSnakeCase, (inner) => toLayout(inner as JsonObject)) };
}

/** A part's configuration from the layout. */
function fromLayout(entry: string, value: Json): LayerConfig & JsonObject {
  const given = asObject(entry, value);
  const type = asText(`${entry}: type`, given['type']);
  if (builtInClass(type) === undefined) return { ...given, type };
  // The reference's name for the pooling layers' stride.
  const { strides, ...own } = mapConfig(given, toCamelCase, (inner) => fromLayout(entry, inner));
  return { ...own, ...(strides !== undefined && { stride: strides }), type };
}

/** Whether the last layer is the activation that the loss includes, which the layout leaves out. */
function endsInActivation({ layers, loss }: ModelSnapshot): boolean {
  const [before, last] = layers.slice(-2);
  // A file must have a layer, and a reader takes another one before it for that activation.
  if (last?.builtIn !== true || loss?.builtIn !== true) return false;
  if (before?.config.type === last.config.type) return false;
  return losses.builtIn.get(loss.config.type)?.activation === last.config.type;
}

function architecture(model: ModelSnapshot): JsonObject[] {
  const layers = endsInActivation(model) ? model.layers.slice(0, -1) : model.layers;
  return layers.map(({ config, builtIn }, i) => {
    const own = config as JsonObject;
    const knows = !builtIn || 'inputShape' in own || 'inputSize' in own;
    return toLayout(i === 0 && !knows ? { ...own, inputShape: [...model.inputShape] } : own);
  });
}

/** A layer and those inside it, in the order of {@link ModelFile.frozen}. */
function flat(layer: LayerSnapshot): LayerSnapshot[] {
  return [layer, ...Object.values(layer.parts).flat().flatMap(flat)];
}

/** Places of the frozen ones among the layers. */
function frozenPlaces({ layers }: ModelSnapshot): number[] {
  return layers.flatMap(flat).flatMap(({ trainable }, i) => (trainable ? [] : [i]));
}

function modelConfig(model: ModelSnapshot): JsonObject {
  const { layers, loss, optimizer, inputShape } = model;
  const frozen = frozenPlaces(model);
  return {
    ...(loss && { loss: toLayout(loss.config as JsonObject) }),
    ...(optimizer && { optimizer: toLayout(optimizer.config as JsonObject) }),
    // Adam's alone depends on the step.
    optimizer_globals: optimizer?.config.type.startsWith('Adam') ? { t: optimizer.steps } : {},
    // The layout has neither; its readers pass over what they do not know.
    ...(layers[0]?.builtIn === false && { input_shape: [...inputShape] }),
    ...(frozen.length > 0 && { frozen }),
  };
}

function exactConfigs(model: ModelSnapshot): JsonObject {
  const { layers, loss, optimizer, seed, inputShape, progress, best } = model;
  return {
    version: 1,
    layers: layers.map(({ config }) => config as JsonObject),
    ...(loss && { loss: loss.config as JsonObject }),
    ...(optimizer && { optimizer: optimizer.config as JsonObject }),
    steps: optimizer?.steps ?? 0,
    seed,
    inputShape,
    progress: { ...progress },
    // JSON has no number for a loss of minus infinity.
    ...(best && { best: { ...best, loss: best.loss === -Infinity ? '-Infinity' : best.loss } }),
    frozen: frozenPlaces(model),
    random: layers.map(({ random }) => random),
  };
}

/** Throws for what a part's configuration says that no file holds. */
function checkConfigs({ layers, loss }: ModelSnapshot): void {
  for (const [i, { config, builtIn }] of layers.entries()) {
    // Also built-in ones may hold layers of one's own.
    if (!builtIn || 'layers' in config) checkPlain(`layer ${i} (${config.type})`, config);
  }
  if (loss?.builtIn === false) checkPlain(`loss (${loss.config.type})`, loss.config);
}

/**
 * The files of a model.
 * @throws {@link ValueError} for a model that {@link readContents} and what follows would refuse.
 */
function entries(model: ModelSnapshot, exact: boolean): Map<string, Uint8Array> {
  checkConfigs(model);
  const arrays = modelArrays(model, npzNames);
  const texts = new Map<string, JsonObject | JsonObject[]>([
    ['architecture', architecture(model)],
    ['model_config', modelConfig(model)],
  ]);
  if (exact) texts.set(exactEntry, exactConfigs(model));
  const files = new Map<string, Uint8Array>();
  for (const [name, array] of arrays) files.set(`${name}.npy`, writeNpy(array));
  const parsed = new Map<string, Json>();
  try {
    for (const [name, value] of texts) {
      const text = JSON.stringify(value);
      parsed.set(name, parseJson(name, text));
      files.set(`${name}.npy`, writeNpyText(text));
    }
    checkFile(layoutFile({ texts: parsed, arrays }));
    if (exact) checkFile(exactFile(parsed.get(exactEntry) as Json, arrays));
  } catch (cause) {
    if (!(cause instanceof LamellaError)) throw cause;
    throw new ValueError(`the model cannot be saved: ${cause.message}`, { cause });
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
  const files = await readZip(bytes);
  const other = otherArchive(files.keys());
  if (other !== undefined) throw new FormatError('zip directory', other);
  for (const [file, contents] of files) {
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

function counts(entry: string, value: Json | undefined): number[] {
  return asList(entry, value).map((each) => asCount(entry, each));
}

function bestEpoch(value: Json): BestEpoch {
  const { loss, age } = asObject('best', value);
  if (loss === '-Infinity') return { loss: -Infinity, age: asCount('best', age) };
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
  const { shuffled } = progress;
  if (typeof shuffled !== 'boolean') {
    throw new FormatError('progress', `shuffled must be true or false, got ${describe(shuffled)}`);
  }
  if (position > rows || rows > limits.samples || (epochs === 0 && rows > 0)) {
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
    inputShape: counts('inputShape', exact['inputShape']),
    progress: { epochs, rows, shuffled, position },
    best: exact['best'] === undefined ? undefined : bestEpoch(exact['best']),
    frozen: counts('frozen', exact['frozen']),
    random: asList('random', exact['random']).map((positions) => counts('random', positions)),
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
  const { input_shape: inputShape, frozen } = config;
  return {
    layers: asList('architecture', layers).map((layer, i) => fromLayout(`layer ${i}`, layer)),
    loss: part('loss'),
    optimizer: part('optimizer'),
    steps: asCount('optimizer_globals', globals['t'] ?? 0),
    ...(inputShape !== undefined && { inputShape: counts('input_shape', inputShape) }),
    ...(frozen !== undefined && { frozen: counts('frozen', frozen) }),
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
