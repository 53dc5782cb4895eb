// All that knows a file format, and the stores that keep files: a file of the package that index.ts
// and stores.ts load when it is first needed. It imports nothing else of the package but its errors.
export { buildModel } from './read-model.js';
export { readKeras, readLayersModel } from './keras/import.js';
export { readCheckpoint, readNpz, writeCheckpoint, writeNpz } from './npz.js';
export { writeOnnx } from './onnx/export.js';
export {
  loadModelSafetensors,
  readSafetensors,
  writeModelSafetensors,
  writeSafetensors,
} from './safetensors.js';
export { fileStore, indexedDbStore, opfsStore } from './store-backends.js';
