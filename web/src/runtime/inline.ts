import type { InitOptions, RuntimeInfo } from './choose.js';
import { type Engine, type Glue, initFrom } from './init.js';
import { glue } from './glue.js';
import { nodeModule } from './workers.js';
import type { Variant } from './variants.js';

/** The module of a variant. */
export interface Chunk extends Glue {
  /** The engine's bytes as scripts/build.mjs has written them. */
  readonly wasm: string;
}

/** Each variant is a chunk of its own, so that nobody downloads two. */
const chunks: Record<Variant, () => Promise<Chunk>> = {
  simd: () => import('../wasm/simd.js'),
  relaxed: () => import('../wasm/relaxed.js'),
  threads: () => import('../wasm/threads.js'),
  'relaxed-threads': () => import('../wasm/relaxed-threads.js'),
};

/** The bytes behind a variant's text, each 115 ^ a code: see `toText` in scripts/build.mjs. */
function decode(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  let size = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes[size++] = 115 ^ (code === 37 ? text.charCodeAt(++i) ^ 128 : code);
  }
  return bytes.subarray(0, size);
}

/** Undefined where a bundler has forgotten it. Not within `new URL`: bundlers would copy the files. */
const moduleAddress = import.meta.url as string | undefined;

/**
 * The engine in the file beside this module, in Node: 8 ms sooner there than the same bytes as text.
 * Undefined elsewhere, and where a bundler has left the file behind or forgotten where it is.
 */
function engineFromDisk(variant: Variant): Engine | undefined {
  const files = nodeModule('node:fs') as
    { readFileSync(url: URL): Uint8Array<ArrayBuffer> } | undefined;
  if (files === undefined) return undefined;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = files.readFileSync(new URL(`./lamella.${variant}.wasm`, moduleAddress));
  } catch {
    return undefined;
  }
  return { module: WebAssembly.compile(bytes), glue: glue[variant]() };
}

/** The engine in a variant's module. */
export function engineOf(chunk: Chunk): Engine {
  return { module: WebAssembly.compile(decode(chunk.wasm)), glue: chunk };
}

/**
 * Loads the engine. Everything else in this package needs it first. Calling it again, also while
 * it loads, returns the first call's result, whose number of threads stays; after a failure it may
 * be tried again.
 *
 * @throws {@link ArgumentTypeError} and {@link ValueError} for options of another type or out of
 * range, {@link UnsupportedError} when the JavaScript engine lacks a feature,
 * {@link StateError} when another variant is asked for than is loaded.
 */
export function init(options: InitOptions = {}): Promise<RuntimeInfo> {
  return initFrom(
    async (variant) => engineFromDisk(variant) ?? engineOf(await chunks[variant]()),
    options,
  );
}
