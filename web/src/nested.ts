import { ValueError } from './runtime/errors.js';

/** The greatest number of blocks in one another that the engine takes. */
const maxNesting = 64;
let nesting = 0;

/**
 * Calls a function that makes an object of a configuration, and by another such call those inside.
 * @param call - What errors call it: "layerFromConfig".
 * @throws {@link ValueError} for more than 64 calls in one another, long before the stack is full.
 */
export function nested<Result>(call: string, make: () => Result): Result {
  if (nesting === maxNesting) {
    throw new ValueError(`${call}: configurations may be nested ${maxNesting} deep`);
  }
  nesting++;
  try {
    return make();
  } finally {
    nesting--;
  }
}
