import { check } from '../check.mjs';

globalThis.result = (options) => check(globalThis.lamella, options);
globalThis.ready = true;
