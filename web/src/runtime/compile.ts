import { describe, UnsupportedError } from './errors.js';

/** An engine without anything in it. */
const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

/** The error of a place that does not let programs compile WebAssembly. */
export function forbidden(cause: unknown): UnsupportedError {
  return new UnsupportedError(
    `init: no WebAssembly may be compiled here (${describe(cause)}); a page's ` +
      "Content-Security-Policy must have 'wasm-unsafe-eval' in script-src; Cloudflare Workers " +
      "and edge functions take init({ module }) of 'lamella/module'",
    { cause },
  );
}

/**
 * Compiles an engine.
 * @param compiling - What `WebAssembly.compile` or `compileStreaming` gave.
 * @throws {@link UnsupportedError} where compiling is forbidden or fails.
 */
export async function compiled(
  compiling: Promise<WebAssembly.Module>,
): Promise<WebAssembly.Module> {
  try {
    return await compiling;
  } catch (cause) {
    await WebAssembly.compile(empty).catch(() => {
      throw forbidden(cause);
    });
    throw new UnsupportedError(`init: the engine cannot be compiled: ${describe(cause)}`, {
      cause,
    });
  }
}

/** Whether a value is a compiled module, also one of another realm. */
export function isModule(value: unknown): value is WebAssembly.Module {
  return Object.prototype.toString.call(value) === '[object WebAssembly.Module]';
}
