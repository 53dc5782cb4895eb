/**
 * The main entry in one piece, for places without `import()`: service workers, extensions, worklets;
 * and, as `window.lamella`, for a script tag. It holds the file formats and the engine's variant
 * `simd`, and fetches nothing.
 *
 * @packageDocumentation
 */
import { checkFeatures, type InitOptions, type RuntimeInfo } from './runtime/choose.js';
import { compiled } from './runtime/compile.js';
import { bytesOf } from './runtime/bytes-of.js';
import { UnsupportedError } from './runtime/errors.js';
import { type Engine, initFrom } from './runtime/init.js';

export * from './index.js';

// Behind all the code, which brotli packs 0.3 kB better in one piece.
import text from './wasm/simd.bytes.js';

function chooseSimd({ variant = 'auto', threads = 1 }: InitOptions): RuntimeInfo {
  if (variant !== 'auto' && variant !== 'simd') {
    throw new UnsupportedError(
      `init: this build of lamella holds variant 'simd' alone, got '${variant}'; ` +
        "the module 'lamella' (dist/index.js) has the others",
    );
  }
  checkFeatures('simd');
  const reason = 'this build of lamella holds no other';
  return { variant: 'simd', threads: 1, reason: threads === 1 ? reason : `${reason}; one thread` };
}

/** As `init` of the main entry, of variant `simd` with one thread. */
export function init(options: InitOptions = {}): Promise<RuntimeInfo> {
  const source = (): Engine => ({
    module: compiled(WebAssembly.compile(bytesOf(text))),
  });
  return initFrom(source, options, chooseSimd);
}
