// scripts/engine.mjs and scripts/build.mjs write these files into this folder.

/** Emscripten's JavaScript for the engine, whatever the variant. */
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

/** The package's version, which scripts/build.mjs defines. */
declare const LAMELLA_VERSION: string;
