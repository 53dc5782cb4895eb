/**
 * As the main entry, with the engine in files of its own: `lamella.<variant>.wasm`.
 *
 * @packageDocumentation
 */
import { optionsOf } from './runtime/checks.js';
import { choose, type InitOptions, type RuntimeInfo } from './runtime/choose.js';
import { compiled } from './runtime/compile.js';
import { ArgumentTypeError, describe, StateError } from './runtime/errors.js';
import { type Engine, type EngineSource, initFrom } from './runtime/init.js';
import { nodeModule } from './runtime/node.js';
import { loadThreads } from './runtime/threads.js';
import type { Variant } from './runtime/variants.js';

export * from './index.js';

/** Options of `init` of lamella/external. */
export interface ExternalInitOptions extends InitOptions {
  /**
   * Where the engine is: its address or its bytes, or a function that gives one of these for a
   * variant. By default `lamella.<variant>.wasm` beside this module.
   */
  readonly wasm?: WasmLocation | ((variant: Variant) => WasmLocation);
}

/** An address, absolute or relative to the page, or the bytes. */
export type WasmLocation = URL | string | BufferSource;

/** Written out one by one: bundlers look for these words, and copy the files. */
const locations: Record<Variant, () => URL> = {
  simd: () => new URL('./lamella.simd.wasm', import.meta.url),
  relaxed: () => new URL('./lamella.relaxed.wasm', import.meta.url),
  threads: () => new URL('./lamella.threads.wasm', import.meta.url),
  'relaxed-threads': () => new URL('./lamella.relaxed-threads.wasm', import.meta.url),
};

async function compileFrom(address: URL | string): Promise<WebAssembly.Module> {
  const url = String(address);
  if (url.startsWith('file:')) {
    // Node's fetch does not read files.
    const files = nodeModule('node:fs/promises') as
      { readFile(url: URL): Promise<Uint8Array<ArrayBuffer>> } | undefined;
    if (files) return compiled(WebAssembly.compile(await files.readFile(new URL(url))));
  }
  const failed = (reason: unknown): never => {
    throw new StateError(`init: could not fetch ${url}: ${describe(reason)}`, { cause: reason });
  };
  const response = await fetch(url).catch(failed);
  if (!response.ok) failed(response.status);
  // Compiled while it arrives, unless the server calls it by another type than browsers want.
  return compiled(
    response.headers.get('content-type') === 'application/wasm'
      ? WebAssembly.compileStreaming(response)
      : WebAssembly.compile(await response.arrayBuffer()),
  );
}

function externalEngine(wasm: ExternalInitOptions['wasm']): EngineSource {
  return (variant): Engine => {
    const given = typeof wasm === 'function' ? wasm(variant) : (wasm ?? locations[variant]());
    let module: Promise<WebAssembly.Module>;
    if (given instanceof ArrayBuffer || ArrayBuffer.isView(given)) {
      module = compiled(WebAssembly.compile(given));
    } else if (typeof given === 'string' || given instanceof URL) {
      module = compileFrom(given);
    } else {
      throw new ArgumentTypeError(`init: wasm must be an address or bytes, got ${describe(given)}`);
    }
    return { module, threads: loadThreads(variant) };
  };
}

/**
 * Loads the engine from a file of its own, which browsers compile while it arrives and keep in
 * their cache. Otherwise as `init` of the main entry.
 *
 * @throws As `init` of the main entry; {@link StateError} when the file cannot be fetched.
 */
export async function init(options: ExternalInitOptions = {}): Promise<RuntimeInfo> {
  const { wasm, ...others } = optionsOf('init', options, 'variant') as ExternalInitOptions;
  return initFrom(externalEngine(wasm), others, choose);
}
