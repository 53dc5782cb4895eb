import { runtimeInfo, StateError } from '../index.js';

/** @throws {@link StateError} in the name of `caller` unless `init()` has finished. */
export function checkEngine(caller: string): void {
  try {
    runtimeInfo();
  } catch (cause) {
    throw new StateError(`${caller}: call await init() first`, { cause });
  }
}
