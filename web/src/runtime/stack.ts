import type { NativeModule } from './native.js';

type Call = (this: unknown, ...values: unknown[]) => unknown;

/**
 * Makes every function and method of the engine that throws give back the stack it took. An error
 * ends calls inside WebAssembly without that: after some ten thousand there would be no stack left.
 */
export function restoreStackAfterErrors(module: NativeModule): void {
  const { stackPointer, restoreStack } = module;
  const wrap = (owner: Record<string, unknown>): void => {
    for (const [name, value] of Object.entries(owner)) {
      if (typeof value !== 'function') continue;
      const call = value as Call;
      // Classes, which embind writes with a capital, and of which only the methods are called.
      if (/^[A-Z]/.test(name)) wrap(call.prototype as Record<string, unknown>);
      else {
        owner[name] = function (this: unknown, ...values: unknown[]): unknown {
          const pointer = stackPointer();
          try {
            return call.apply(this, values);
          } catch (error) {
            restoreStack(pointer);
            throw error;
          }
        };
      }
    }
  };
  wrap(module as unknown as Record<string, unknown>);
}
