// All that knows a file format, between bytes and plain data: a file of the package that files.ts
// loads when it is first needed. It uses nothing else of the package but its errors.
export { readKeras, readLayersModel } from './keras/import.js';
export { readCheckpoint, readNpz, writeCheckpoint, writeNpz } from './npz.js';
export { writeOnnx } from './onnx/export.js';
export { readSafetensors, writeModelSafetensors, writeSafetensors } from './safetensors.js';
