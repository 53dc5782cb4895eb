// Everything that knows a file format, and nothing of the engine: files.ts imports it when it is first
// needed, also where the engine is in a worker.
export { readKeras, readLayersModel } from './keras/import.js';
export { checkFiles } from './kinds.js';
export { readCheckpoint, readNpz, writeCheckpoint, writeNpz } from './npz.js';
export { writeOnnx } from './onnx/export.js';
export { readSafetensors, writeModelSafetensors, writeSafetensors } from './safetensors.js';
