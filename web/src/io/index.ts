// Everything public about files. formats.ts and foreign.ts, which know formats, are loaded when first
// needed: most pages that train a network never write a file. Arguments are copied before that, so
// that a caller may change them after the call.
import type { Model } from '../model.js';
import { native } from '../runtime/init.js';
import type { FileArray } from './file-array.js';
import type { ModelFile } from './model-file.js';
import { takeSnapshot } from './snapshot.js';

const loadFormats = (): Promise<typeof import('./formats.js')> => import('./formats.js');
const loadForeign = (): Promise<typeof import('./foreign.js')> => import('./foreign.js');
type Formats = Awaited<ReturnType<typeof loadFormats>>;

/** Makes the model that `read` finds in a file. */
async function load(read: (formats: Formats) => ModelFile | Promise<ModelFile>): Promise<Model> {
  const formats = await loadFormats();
  return formats.readModel(await read(formats));
}

/**
 * A model as an .npz file that numpy reads: configuration as JSON in `architecture` and
 * `model_config`, parameters as `layer_{i}_{name}`, states as `layer_{i}_state_{name}`, the
 * optimizer's as `optimizer_{slot}_layer_{i}_{name}`. A final activation that the loss includes
 * is left out. To go on training exactly, use {@link saveCheckpoint}.
 * @returns The file, of the model as it was at the call.
 */
export async function saveNpz(model: Model): Promise<Uint8Array<ArrayBuffer>> {
  const snapshot = takeSnapshot(model, { withOptimizer: true });
  return (await loadFormats()).writeNpz(snapshot);
}

/**
 * All that training depends on, at the moment of the call: weights, states, optimizer, positions
 * of the random numbers, epochs, and how far the present one has come. A model from
 * {@link loadCheckpoint}, in whatever process, goes on to bit for bit the weights that this one
 * would get, with `resume: true` also from within an epoch. The file is an .npz of
 * {@link saveNpz}'s layout with one more entry.
 */
export async function saveCheckpoint(model: Model): Promise<Uint8Array<ArrayBuffer>> {
  const snapshot = takeSnapshot(model, { withOptimizer: true });
  return (await loadFormats()).writeCheckpoint(snapshot);
}

/**
 * Makes the model of an .npz file of the layout that {@link saveNpz} writes; one of
 * {@link saveCheckpoint} with all that it holds. Nothing in the file is ever run or followed.
 * @throws {@link FormatError}, naming the entry, for whatever is wrong; then there is no model.
 */
export async function loadNpz(bytes: Uint8Array): Promise<Model> {
  native('loadNpz');
  const own = new Uint8Array(bytes);
  return load(({ readNpz }) => readNpz(own));
}

/**
 * Makes the model of a checkpoint, ready to go on training as if nothing had happened. Classes of
 * one's own must be registered before. Nothing in the file is ever run or followed.
 * @throws {@link FormatError}, naming the entry, for whatever is wrong; then there is no model.
 */
export async function loadCheckpoint(bytes: Uint8Array): Promise<Model> {
  native('loadCheckpoint');
  const own = new Uint8Array(bytes);
  return load(({ readCheckpoint }) => readCheckpoint(own));
}

/**
 * The arrays of a .safetensors file by name, widened to float32.
 * @throws {@link FormatError}, naming the entry, for anything damaged, overlapping or out of
 * bounds, and for types other than F32, F16 and BF16.
 */
export async function readSafetensors(bytes: Uint8Array): Promise<Map<string, FileArray>> {
  const own = new Uint8Array(bytes);
  return (await loadFormats()).readSafetensors(own);
}

/** A .safetensors file of float32 arrays. */
export async function writeSafetensors(
  arrays: ReadonlyMap<string, FileArray>,
): Promise<Uint8Array<ArrayBuffer>> {
  const own = new Map(
    Array.from(arrays, ([name, { shape, data }]) => [
      name,
      { shape: [...shape], data: data.slice() },
    ]),
  );
  return (await loadFormats()).writeSafetensors(own);
}

/**
 * Parameters and states of a model's layers as a .safetensors file, under the names
 * `layer_{i}.{name}`: what other libraries load into a model of theirs.
 * @returns The file, of the model as it was at the call.
 */
export async function saveSafetensors(model: Model): Promise<Uint8Array<ArrayBuffer>> {
  const snapshot = takeSnapshot(model, { withOptimizer: false });
  return (await loadFormats()).writeModelSafetensors(snapshot);
}

/**
 * Copies parameters and states from a .safetensors file into a model of the same layers.
 * @throws {@link FormatError}, naming the entry, when something is damaged, missing, superfluous or
 * of another shape; then nothing is changed.
 */
export async function loadSafetensors(model: Model, bytes: Uint8Array): Promise<void> {
  const own = new Uint8Array(bytes);
  (await loadFormats()).loadModelSafetensors(model, own);
}

/**
 * A model as an ONNX file (opset 17) that computes what `predict` returns, the
 * loss's activation included, for batches of any size: for ONNX Runtime,
 * PyTorch, or whatever else runs or converts ONNX. Its `input` and `output` are
 * float32 tensors [batch, ...shape], its constants have the names that
 * {@link saveSafetensors} gives them. Layers that only training needs are left out.
 *
 * @throws {@link UnsupportedError}, naming the layer, for one that is not built
 * in: ONNX has no operators for it.
 * @example
 * const session = await InferenceSession.create(await exportOnnx(model));
 * const { output } = await session.run({ input: new Tensor('float32', x, [n, 1, 28, 28]) });
 */
export async function exportOnnx(model: Model): Promise<Uint8Array<ArrayBuffer>> {
  const snapshot = takeSnapshot(model, { withOptimizer: false });
  return (await loadForeign()).writeOnnx(snapshot);
}

/**
 * Makes the model of a layers model that TensorFlow.js saved, or that its converter made of a
 * Keras model: Sequential, or functional and a chain. Activations that layers name become layers
 * of their own. Samples are [channels, height, width] here, also where they were
 * [height, width, channels]; predictions are the same. (Where 'same' padding is uneven, kernels
 * get a row and a column of zeros.) Loss and optimizer are not read; `new Model(loaded.layers, …)`
 * gives it some. Nothing that the files name is fetched.
 *
 * @param modelJson - The text of `model.json`.
 * @param shards - The contents of the files that its `weightsManifest` names, in that order.
 * @throws {@link FormatError}, naming the entry, for whatever is wrong, {@link UnsupportedError},
 * naming the layer, for what lamella has not. Then there is no model.
 * @example
 * const model = await loadLayersModel(
 *   await readFile('model.json', 'utf8'),
 *   [await readFile('group1-shard1of1.bin')],
 * );
 */
export async function loadLayersModel(
  modelJson: string,
  shards: readonly Uint8Array[],
): Promise<Model> {
  native('loadLayersModel');
  const own = shards.map((shard) => new Uint8Array(shard));
  return load(async () => (await loadForeign()).readLayersModel(modelJson, own));
}

/**
 * Makes the model of a Keras 3 (or 2) model from its architecture and its weights, as
 * {@link loadLayersModel} does it. In Python:
 *
 *     open('model.json', 'w').write(model.to_json())
 *     numpy.savez('weights.npz', *model.get_weights())
 *
 * @param json - What `model.to_json()` returned.
 * @param weights - The .npz file.
 * @throws {@link FormatError}, naming the entry, for whatever is wrong, {@link UnsupportedError},
 * naming the layer, for what lamella has not. Then there is no model.
 */
export async function loadKeras(json: string, weights: Uint8Array): Promise<Model> {
  native('loadKeras');
  const own = new Uint8Array(weights);
  return load(async () => (await loadForeign()).readKeras(json, own));
}
