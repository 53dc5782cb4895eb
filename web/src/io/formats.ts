/** All that knows a file format: a chunk of its own, which files.ts loads when it is first needed. */
export { readKeras, readLayersModel } from './keras/import.js';
export { readCheckpoint, readNpz, writeCheckpoint, writeNpz } from './npz.js';
export { writeOnnx } from './onnx/export.js';
export {
  readModelSafetensors,
  readSafetensors,
  writeModelSafetensors,
  writeSafetensors,
} from './safetensors.js';
