/**
 * As the main entry, for a script tag: `window.lamella`. A script that is no module cannot import
 * by a relative name when another site serves it, so what is loaded later is named by its address.
 *
 * @packageDocumentation
 */
import type { InitOptions, RuntimeInfo } from './runtime/choose.js';
import { initFrom } from './runtime/init.js';
import { type Chunk, engineOf } from './runtime/inline.js';

export * from './index.js';

/** As `init` of the main entry. */
export function init(options: InitOptions = {}): Promise<RuntimeInfo> {
  return initFrom(async (variant) => {
    const address = new URL(`./wasm/${variant}.js`, import.meta.url).href;
    return engineOf((await import(/* @vite-ignore */ address)) as Chunk);
  }, options);
}
