/**
 * The main entry without an engine in it, in one piece: for places that compile `.wasm` files
 * themselves and let no program do it, such as Cloudflare Workers.
 *
 * @packageDocumentation
 */
import { choose, type InitOptions, type RuntimeInfo } from './runtime/choose.js';
import { isModule } from './runtime/compile.js';
import { ArgumentTypeError, describe, ValueError } from './runtime/errors.js';
import { type Engine, initFrom, variantOf } from './runtime/init.js';
import { staticGlue } from './runtime/static-glue.js';
import { variants } from './runtime/variants.js';

export * from './index.js';

/** Options of `init` of lamella/module. */
export interface ModuleInitOptions extends Omit<InitOptions, 'variant'> {
  /** One of the package's `dist/lamella.<variant>.wasm`, compiled. It decides the variant. */
  readonly module: WebAssembly.Module;
}

/**
 * Makes the engine of a compiled module. Otherwise as `init` of the main entry.
 *
 * @throws {@link ArgumentTypeError} for anything but a compiled module, {@link ValueError} for one
 * that is no engine of this package; and as `init` of the main entry.
 * @example
 * import module from 'lamella/dist/lamella.simd.wasm';
 *
 * await init({ module });
 */
export async function init(options: ModuleInitOptions): Promise<RuntimeInfo> {
  const { module, ...others } = Object(options) as ModuleInitOptions;
  if (!isModule(module)) {
    throw new ArgumentTypeError(
      `init: module must be a compiled WebAssembly.Module, got ${describe(module)}; ` +
        'a .wasm file is imported so where the bundler or the platform compiles it, and else ' +
        'WebAssembly.compile makes one of its bytes',
    );
  }
  const name = variantOf(module);
  const variant = variants.find((known) => known === name);
  if (variant === undefined) {
    throw new ValueError(
      'init: module is no engine of lamella, or of another version; wanted is one of its ' +
        `dist/lamella.<variant>.wasm, of ${variants.join(', ')}`,
    );
  }
  const source = (): Engine => ({ module: Promise.resolve(module), glue: staticGlue(variant) });
  const select = (): RuntimeInfo => ({
    ...choose({ ...others, variant }),
    reason: 'the module that was given',
  });
  return initFrom(source, { ...others, variant }, select);
}
