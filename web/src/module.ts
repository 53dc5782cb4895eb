/**
 * The main entry without an engine in it, in one piece: for places that compile `.wasm` files
 * themselves and let no program do it, such as Cloudflare Workers.
 *
 * @packageDocumentation
 */
import { checkNames } from './runtime/checks.js';
import { checkFeatures, type RuntimeInfo } from './runtime/choose.js';
import { isModule } from './runtime/compile.js';
import { ArgumentTypeError, describe, ValueError } from './runtime/errors.js';
import { type Engine, initFrom, nameOf } from './runtime/init.js';

export * from './index.js';

/** Options of `init` of lamella/module. */
export interface ModuleInitOptions {
  /** The package's `dist/lamella.simd.wasm` or `dist/lamella.relaxed.wasm`, compiled. */
  readonly module: WebAssembly.Module;
  /** As `init` of the main entry has it. */
  readonly winograd?: boolean;
}

/**
 * Makes the engine of a compiled module, whose variant it is. Otherwise as `init` of the main entry.
 *
 * @throws {@link ArgumentTypeError} for anything but a compiled module, {@link ValueError} for one
 * that is no engine with one thread of this package, and for an unknown option; and as `init` of the
 * main entry.
 * @example
 * import module from 'lamella/dist/lamella.simd.wasm';
 *
 * await init({ module });
 */
export async function init(options: ModuleInitOptions): Promise<RuntimeInfo> {
  const given = Object(options) as ModuleInitOptions;
  checkNames('init', given, ['module', 'winograd']);
  const { module, ...others } = given;
  if (!isModule(module)) {
    throw new ArgumentTypeError(
      `init: module must be a compiled WebAssembly.Module, got ${describe(module)}; ` +
        'some platforms and bundlers make one when a .wasm file is imported, elsewhere ' +
        'WebAssembly.compile makes one of the bytes',
    );
  }
  const name = nameOf(module);
  const [, variant] = name.split(' ');
  if (variant !== 'simd' && variant !== 'relaxed') {
    throw new ValueError(
      "init: module must be the package's dist/lamella.simd.wasm or dist/lamella.relaxed.wasm, " +
        `compiled; got '${name}'`,
    );
  }
  const source = (): Engine => ({ module: Promise.resolve(module) });
  const select = (): RuntimeInfo => {
    checkFeatures(variant);
    return { variant, threads: 1, reason: 'the module that was given' };
  };
  return initFrom(source, { ...others, variant }, select);
}
