// The formats of others: index.ts imports it when it is first needed. Apart from formats.ts, so that
// the worker's script, which is in one piece and reads none of them, is smaller.
export { readKeras, readLayersModel } from './keras/import.js';
export { writeOnnx } from './onnx/export.js';
