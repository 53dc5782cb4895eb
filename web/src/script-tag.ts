/**
 * The main entry for a script tag, as `window.lamella`. Its file holds all that it needs, the file
 * formats and the engine's variant `simd` included: it fetches nothing.
 *
 * @packageDocumentation
 */
import { choose, type InitOptions, type RuntimeInfo } from './runtime/choose.js';
import { UnsupportedError } from './runtime/errors.js';
import { type Engine, initFrom } from './runtime/init.js';
import { compileText } from './runtime/inline.js';
import text from './wasm/simd.bytes.js';
import createModule from './wasm/simd.glue.js';

export * from './index.js';

function chooseSimd({ variant = 'auto', threads = 1 }: InitOptions): RuntimeInfo {
  if (variant !== 'auto' && variant !== 'simd') {
    throw new UnsupportedError(
      `init: the script tag's file holds variant 'simd' alone, got '${variant}'; ` +
        "a module script that imports lamella's dist/index.js has the others",
    );
  }
  const reason = "the script tag's file holds no other";
  return {
    ...choose({ variant: 'simd' }),
    reason: threads === 1 ? reason : `${reason}; one thread`,
  };
}

/** As `init` of the main entry, of variant `simd` with one thread. */
export function init(options: InitOptions = {}): Promise<RuntimeInfo> {
  const source = (): Engine => ({ module: compileText(text), glue: { createModule } });
  return initFrom(source, options, chooseSimd);
}
