import type { InitOptions, RuntimeInfo } from './choose.js';
import { type Engine, initFrom } from './init.js';
import { glue } from './glue.js';
import type { ModuleFactory } from './native.js';
import { nodeModule } from './spawn.js';
import type { Variant } from './variants.js';

/** The module of a variant. */
export interface Chunk {
  /** The engine's bytes, a character each: its code is the byte plus 35, modulo 256. */
  readonly wasm: string;
  readonly createModule: ModuleFactory;
}

/** Each variant is a chunk of its own, so that nobody downloads two. */
const chunks: Record<Variant, () => Promise<Chunk>> = {
  simd: () => import('../wasm/simd.js'),
  relaxed: () => import('../wasm/relaxed.js'),
  threads: () => import('../wasm/threads.js'),
  'relaxed-threads': () => import('../wasm/relaxed-threads.js'),
};

/** The bytes behind a variant's text; scripts/build.mjs writes it. */
function decode(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i) - 35;
  return bytes;
}

/** Undefined where a bundler has forgotten it. Not within `new URL`: bundlers would copy the files. */
const moduleAddress = import.meta.url as string | undefined;

/**
 * The engine in the file beside this module, in Node: 8 ms sooner there than the same bytes as text.
 * Undefined elsewhere, and where a bundler has left the file behind or forgotten where it is.
 */
async function engineFromDisk(variant: Variant): Promise<Engine | undefined> {
  const files = nodeModule('node:fs') as
    { readFileSync(url: URL): Uint8Array<ArrayBuffer> } | undefined;
  if (files === undefined) return undefined;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = files.readFileSync(new URL(`./lamella.${variant}.wasm`, moduleAddress));
  } catch {
    return undefined;
  }
  const [module, { createModule }] = await Promise.all([
    WebAssembly.compile(bytes),
    glue[variant](),
  ]);
  return { module, createModule };
}

/** The engine in a variant's module. */
export async function engineOf({ wasm, createModule }: Chunk): Promise<Engine> {
  return { module: await WebAssembly.compile(decode(wasm)), createModule };
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
    async (variant) => (await engineFromDisk(variant)) ?? engineOf(await chunks[variant]()),
    options,
  );
}
