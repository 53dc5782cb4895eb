// scripts/engine.mjs writes two files a variant into this folder.

/** Emscripten's JavaScript for an engine. */
declare module '*.glue.js' {
  const createModule: import('../runtime/native.js').ModuleFactory;
  export default createModule;
}

/** An engine's bytes, a character for each. */
declare module '*.bytes.js' {
  const text: string;
  export default text;
}
