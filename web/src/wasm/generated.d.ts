// scripts/build.mjs writes these files into this folder.

/** Emscripten's JavaScript for engines with one thread, or for those with more. */
declare module '*.glue.js' {
  const createModule: import('../runtime/native.js').ModuleFactory;
  export default createModule;
}

/** An engine's bytes, a character for each. */
declare module '*.bytes.js' {
  const text: string;
  export default text;
}

/** A worker's script, as text. */
declare module '*.text.js' {
  const text: string;
  export default text;
}
