import type { InitOptions, RuntimeInfo } from './choose.js';
import { compiled } from './compile.js';
import { engineBytes } from './engine-bytes.js';
import { loadGlue } from './glue.js';
import { type Engine, initFrom } from './init.js';
import type { Variant } from './variants.js';

function engineInside(variant: Variant): Engine {
  const module = engineBytes(variant).then((bytes) => compiled(WebAssembly.compile(bytes)));
  return { module, glue: loadGlue(variant) };
}

/**
 * Loads the engine. Everything else in this package needs it first. Calling it again, also while
 * it loads, returns the first call's result, whose number of threads stays; after a failure it may
 * be tried again.
 *
 * @throws {@link ArgumentTypeError} and {@link ValueError} for options of another type or out of
 * range, {@link UnsupportedError} when the JavaScript engine lacks a feature or this place forbids
 * one, {@link StateError} when another variant is asked for than is loaded.
 */
export function init(options: InitOptions = {}): Promise<RuntimeInfo> {
  return initFrom(engineInside, options);
}
