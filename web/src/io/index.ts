// Everything public about files. What knows the formats (formats.ts), and what makes a model of their
// contents (read-model.ts), is loaded when it is first needed.
import { Model } from '../model.js';
import { optionsOf } from '../runtime/checks.js';
import { nativeArgument } from '../runtime/handle.js';
import { native } from '../runtime/init.js';
import type { FileArray } from './file-array.js';
import { type FilesOf, type ModelReader, readFiles, writeFile } from './files.js';
import { loadReadModel } from './on-demand.js';
import { takeSnapshot } from './snapshot.js';

/** Makes the model of files, for a call that needs the engine. */
async function load<Reader extends ModelReader>(
  call: string,
  reader: Reader,
  ...files: FilesOf<Reader>
): Promise<Model> {
  native(call);
  const file = await readFiles(call, reader, ...files);
  // Not at the same time: Jest fails where two imports share a chunk that neither has loaded yet.
  const { readModel } = await loadReadModel();
  return readModel(file);
}

/**
 * A model as an .npz file that numpy reads: configuration as JSON in `architecture` and
 * `model_config`, parameters as `layer_{i}_{name}`, states as `layer_{i}_state_{name}`, the
 * optimizer's as `optimizer_{slot}_layer_{i}_{name}`. A final activation that the loss includes
 * is left out. To go on training exactly, use {@link saveCheckpoint}.
 * @returns The file, of the model as it was at the call.
 */
export async function saveNpz(model: Model): Promise<Uint8Array<ArrayBuffer>> {
  return writeFile('writeNpz', takeSnapshot('saveNpz', model, { withOptimizer: true }));
}

/**
 * All that training depends on, at the moment of the call: weights, states, optimizer, positions
 * of the random numbers, epochs, and how far the present one has come. A model from
 * {@link loadCheckpoint}, in whatever process, goes on to bit for bit the weights that this one
 * would get, with `resume: true` also from within an epoch. The file is an .npz of
 * {@link saveNpz}'s layout with one more entry.
 */
export async function saveCheckpoint(model: Model): Promise<Uint8Array<ArrayBuffer>> {
  const snapshot = takeSnapshot('saveCheckpoint', model, { withOptimizer: true });
  return writeFile('writeCheckpoint', snapshot);
}

/**
 * Makes the model of an .npz file of the layout that {@link saveNpz} writes; one of
 * {@link saveCheckpoint} with all that it holds. Nothing in the file is ever run or followed.
 * @throws {@link FormatError}, naming the entry, for whatever is wrong; then there is no model.
 */
export async function loadNpz(bytes: Uint8Array): Promise<Model> {
  return load('loadNpz', 'readNpz', bytes);
}

/**
 * Makes the model of a checkpoint, ready to go on training as if nothing had happened. Classes of
 * one's own must be registered before. Nothing in the file is ever run or followed.
 * @throws {@link FormatError}, naming the entry, for whatever is wrong; then there is no model.
 */
export async function loadCheckpoint(bytes: Uint8Array): Promise<Model> {
  return load('loadCheckpoint', 'readCheckpoint', bytes);
}

/**
 * The arrays of a .safetensors file by name, widened to float32. Those of types that float32 does
 * not hold are left out: of F64, integers (PyTorch's `num_batches_tracked`) and BOOL unless asked
 * for, of 8-bit floats always.
 * @param options - `toFloat32`: whether F64, integers and BOOL are converted to float32, rounded
 * to the nearest; default false.
 * @throws {@link FormatError}, naming the entry, for anything damaged, overlapping or out of bounds.
 */
export async function readSafetensors(
  bytes: Uint8Array,
  options: { readonly toFloat32?: boolean | undefined } = {},
): Promise<Map<string, FileArray>> {
  const wanted = optionsOf('readSafetensors', options, 'toFloat32');
  return readFiles('readSafetensors', 'readSafetensors', bytes, wanted);
}

/**
 * A .safetensors file of float32 arrays.
 * @throws {@link ValueError} for a name that the format has not, and for another number of elements
 * than the shape's, {@link ArgumentTypeError} for anything but arrays by name.
 */
export async function writeSafetensors(
  arrays: ReadonlyMap<string, FileArray>,
): Promise<Uint8Array<ArrayBuffer>> {
  let own = arrays;
  try {
    own = structuredClone(arrays);
  } catch {
    // The format refuses it: nothing that cannot be copied can be written.
  }
  return writeFile('writeSafetensors', own);
}

/**
 * Parameters and states of a model's layers as a .safetensors file, under the names
 * `layer_{i}.{name}`: what other libraries load into a model of theirs.
 * @returns The file, of the model as it was at the call.
 */
export async function saveSafetensors(model: Model): Promise<Uint8Array<ArrayBuffer>> {
  const snapshot = takeSnapshot('saveSafetensors', model, { withOptimizer: false });
  return writeFile('writeModelSafetensors', snapshot);
}

/**
 * Copies parameters and states from a .safetensors file into a model of the same layers. Arrays of
 * types that {@link readSafetensors} leaves out are passed over.
 * @throws {@link FormatError}, naming the entry, when something is damaged, missing, superfluous or
 * of another shape; then nothing is changed.
 */
export async function loadSafetensors(model: Model, bytes: Uint8Array): Promise<void> {
  nativeArgument('loadSafetensors: model must be a Model', Model, model);
  const arrays = await readFiles('loadSafetensors', 'readSafetensors', bytes);
  (await loadReadModel()).loadArrays(model, arrays);
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
  const snapshot = takeSnapshot('exportOnnx', model, { withOptimizer: false });
  return writeFile('writeOnnx', snapshot);
}

/**
 * Makes the model of a layers model that TensorFlow.js saved, or that its converter made of a
 * Keras model: Sequential, or functional and a chain, also with such models among its layers.
 * Weights are found by their names, else by the layer's within a path (`sequential/dense/kernel:0`),
 * else, where no name is a layer's, by their order; float16, uint8 and uint16 quantization is undone.
 * Layers that are not trainable are frozen. Activations that layers name become layers of their own.
 * Samples are [channels, height, width] here, also where they were [height, width, channels];
 * predictions are the same. Loss and optimizer are not read; `new Model(loaded.layers, …)` gives
 * it some. Nothing that the files name is fetched.
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
  return load('loadLayersModel', 'readLayersModel', modelJson, shards);
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
  return load('loadKeras', 'readKeras', json, weights);
}
