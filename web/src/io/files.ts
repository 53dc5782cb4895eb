// The way to formats.ts, which is loaded when it is first needed: most pages that train a network never
// read or write a file. Files are copied before that, so that a caller may change them after the call.
// Nothing here needs the engine. `call` is what errors name: "loadNpz".
import type { FileArray } from './file-array.js';
import type { ModelFile } from './model-file.js';
import type { ModelSnapshot } from './snapshot.js';

const loadFormats = (): Promise<typeof import('./formats.js')> => import('./formats.js');
type Formats = Awaited<ReturnType<typeof loadFormats>>;

/** A copy of a file, also of another realm; the value itself when it is no file. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const isFile = Object.prototype.toString.call(bytes) === '[object Uint8Array]';
  return isFile ? new Uint8Array(bytes) : (bytes as Uint8Array<ArrayBuffer>);
}

/** The formats, once it is certain that the arguments are files, by their names in errors. */
async function formatsFor(files: Readonly<Record<string, unknown>>): Promise<Formats> {
  const formats = await loadFormats();
  formats.checkFiles(files);
  return formats;
}

/** The contents of an .npz file or checkpoint. */
export async function readArchive(
  call: string,
  reader: 'readNpz' | 'readCheckpoint',
  bytes: Uint8Array,
): Promise<ModelFile> {
  const own = copyOf(bytes);
  return (await formatsFor({ [`${call}: bytes`]: own }))[reader](own);
}

/** The arrays of a .safetensors file. */
export async function readArrays(
  call: string,
  bytes: Uint8Array,
  options: { readonly toFloat32?: boolean | undefined } = {},
): Promise<Map<string, FileArray>> {
  const own = copyOf(bytes);
  return (await formatsFor({ [`${call}: bytes`]: own })).readSafetensors(own, { ...options });
}

/** A .safetensors file of arrays. */
export async function writeArrays(
  arrays: ReadonlyMap<string, FileArray>,
): Promise<Uint8Array<ArrayBuffer>> {
  const own = structuredClone(arrays);
  return (await loadFormats()).writeSafetensors(own);
}

/** The contents of a layers model of TensorFlow.js. */
export async function readLayersModel(
  call: string,
  modelJson: string,
  shards: readonly Uint8Array[],
): Promise<ModelFile> {
  const own = Array.isArray(shards) ? shards.map(copyOf) : shards;
  const files = { [`${call}: modelJson`]: modelJson, [`${call}: shards`]: own };
  return (await formatsFor(files)).readLayersModel(modelJson, own);
}

/** The contents of a Keras model. */
export async function readKeras(
  call: string,
  json: string,
  weights: Uint8Array,
): Promise<ModelFile> {
  const own = copyOf(weights);
  const files = { [`${call}: json`]: json, [`${call}: weights`]: own };
  return (await formatsFor(files)).readKeras(json, own);
}

/** A model's file. */
export async function writeModel(
  writer: 'writeNpz' | 'writeCheckpoint' | 'writeModelSafetensors' | 'writeOnnx',
  snapshot: ModelSnapshot,
): Promise<Uint8Array<ArrayBuffer>> {
  return (await loadFormats())[writer](snapshot);
}
