import type { NativeModule } from './native.js';

type Call = (this: unknown, ...values: unknown[]) => unknown;

/**
 * Makes every function of the engine put the stack pointer back when it ends with an error, one of
 * the engine's or of a callback's. An error leaves WebAssembly without doing so, and each would cost
 * some bytes of the stack: after some ten thousand there would be none left.
 *
 * When it is the outermost call that ends so, no call of a model is on its way any longer. A model
 * knows that itself, except after an overflow of the stack, for which V8 runs no C++ destructor.
 */
export function keepStack(engine: NativeModule): void {
  const { stackSave, stackRestore } = engine;
  const abandonCalls = engine.abandonCalls.bind(engine);
  let depth = 0;
  const keep = (owner: Record<string, unknown>): void => {
    for (const [name, value] of Object.entries(owner)) {
      if (typeof value !== 'function' || value === stackSave || value === stackRestore) continue;
      const { prototype } = value as { prototype?: Record<string, unknown> };
      // A class of embind's; its objects come from functions and methods.
      if (prototype && 'delete' in prototype) {
        keep(prototype);
        continue;
      }
      owner[name] = function (this: unknown, ...values: unknown[]) {
        const stack: unknown = stackSave();
        depth++;
        try {
          return (value as Call).apply(this, values);
        } catch (error) {
          stackRestore(stack);
          if (depth === 1) abandonCalls();
          throw error;
        } finally {
          depth--;
        }
      };
    }
  };
  keep(engine as unknown as Record<string, unknown>);
}
