import { describe, UnsupportedError } from './errors.js';

/** Whether an `import()` failed since there is none here. */
function isForbidden(error: unknown): boolean {
  if ('ServiceWorkerGlobalScope' in globalThis || 'WorkletGlobalScope' in globalThis) return true;
  // Of Node: code that runs by node:vm.
  const { code } = Object(error) as { readonly code?: string };
  return /^ERR_VM_DYNAMIC/.test(code ?? '');
}

/**
 * Waits for an `import()`.
 * @param caller - Who the error says wants it.
 * @throws {@link UnsupportedError} where no code may call it; else its own error.
 */
export async function imported<Module>(module: Promise<Module>, caller = 'init'): Promise<Module> {
  try {
    return await module;
  } catch (cause) {
    if (!isForbidden(cause)) throw cause;
    throw new UnsupportedError(
      `${caller}: there is no import() here (${describe(cause)}); take 'lamella/static' in service ` +
        "workers and worklets, require('lamella') in Node",
      { cause },
    );
  }
}
