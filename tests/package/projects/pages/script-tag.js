import { check } from '../check.mjs';

globalThis.result = (options) => check(globalThis.lamella, options);
globalThis.errorOf = (options) => globalThis.lamella.init(options).catch(String);
globalThis.ready = true;
