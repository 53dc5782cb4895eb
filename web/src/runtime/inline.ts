import type { InitOptions, RuntimeInfo } from './choose.js';
import { glue } from './glue.js';
import { type Engine, initFrom } from './init.js';
import type { Variant } from './variants.js';
import { nodeModule } from './workers.js';

/** Loads an engine's bytes as text. Each stands in a chunk of its own: nobody downloads two. */
const texts: Record<Variant, () => Promise<{ readonly default: string }>> = {
  simd: () => import('../wasm/simd.bytes.js'),
  relaxed: () => import('../wasm/relaxed.bytes.js'),
  threads: () => import('../wasm/threads.bytes.js'),
  'relaxed-threads': () => import('../wasm/relaxed-threads.bytes.js'),
};

/** Compiles an engine given as text that scripts/engine.mjs has written. */
export function compileText(text: string): Promise<WebAssembly.Module> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i) ^ 99;
  return WebAssembly.compile(bytes);
}

function engineInside(variant: Variant): Engine {
  const module = texts[variant]().then(({ default: text }) => compileText(text));
  return { module, glue: glue[variant]() };
}

/** Undefined where a bundler has forgotten it. Not within `new URL`: bundlers would copy the files. */
const moduleAddress = import.meta.url as string | undefined;

/**
 * The engine in the file beside this module, in Node: 5 ms sooner there than the same bytes as text.
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
  return initFrom((variant) => engineFromDisk(variant) ?? engineInside(variant), options);
}
