// Everything that knows a file format, and the stores that keep files: index.ts and stores.ts import it
// when it is first needed.
export { readKeras, readLayersModel } from './keras/import.js';
export { checkFiles } from './kinds.js';
export { readCheckpoint, readNpz, writeCheckpoint, writeNpz } from './npz.js';
export { writeOnnx } from './onnx/export.js';
export {
  loadModelSafetensors,
  readSafetensors,
  writeModelSafetensors,
  writeSafetensors,
} from './safetensors.js';
export { readModel } from './read-model.js';
export { fileStore, indexedDbStore, opfsStore } from './store-backends.js';
