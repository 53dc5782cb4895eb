// Written by Emscripten.
import type { ModuleFactory } from '../runtime/native.js';
export const createModule: ModuleFactory;
export { startThreads } from './start-threads.js';
