// Written by scripts/build.mjs from the compiled engine.
import type { ModuleFactory } from '../runtime/native.js';
export const wasmBase64: string;
export const createModule: ModuleFactory;
