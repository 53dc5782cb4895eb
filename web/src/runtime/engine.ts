import type { NativeModule } from './native.js';

type Call = (...values: unknown[]) => unknown;

/**
 * Makes the module that embind fills the one that `NativeModule` describes.
 *
 * Its functions with a point in their names are methods: "Layer.build" takes the layer first and
 * becomes `build` of the class Layer (see handles.h).
 *
 * And every function that throws gives back the stack it took: an error ends calls inside
 * WebAssembly without that, and after some ten thousand there would be no stack left.
 */
export function completeEngine(module: NativeModule): void {
  const { stackPointer, restoreStack } = module;
  const members = module as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(members)) {
    const [owner = '', method] = name.split('.');
    // Classes are written with a capital, and nobody calls them.
    if (typeof value !== 'function' || (method === undefined && /^[A-Z]/.test(owner))) continue;
    const call = (...values: unknown[]): unknown => {
      const pointer = stackPointer();
      try {
        return (value as Call)(...values);
      } catch (error) {
        restoreStack(pointer);
        throw error;
      }
    };
    if (method === undefined) members[name] = call;
    else {
      const { prototype } = members[owner] as { prototype: Record<string, unknown> };
      prototype[method] = function (this: unknown, ...values: unknown[]): unknown {
        return call(this, ...values);
      };
    }
  }
}
