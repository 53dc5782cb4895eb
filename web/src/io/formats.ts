// Everything that knows the package's own file formats: index.ts imports it when it is first needed.
export { readCheckpoint, readNpz, writeCheckpoint, writeNpz } from './npz.js';
export {
  loadModelSafetensors,
  readSafetensors,
  writeModelSafetensors,
  writeSafetensors,
} from './safetensors.js';
export { readModel } from './read-model.js';
