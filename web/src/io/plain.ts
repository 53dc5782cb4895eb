import { describe, ValueError } from '../runtime/errors.js';
import { limits } from './limits.js';

/** The problem with a value that JSON holds otherwise or not at all; undefined for plain data. */
function problemOf(value: unknown): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') {
    return Number.isFinite(value) ? undefined : `is ${value}, which JSON has not`;
  }
  if (Array.isArray(value)) {
    return Object.keys(value).length === value.length ? undefined : 'is a list with holes';
  }
  const kind = Object.prototype.toString.call(value);
  return kind === '[object Object]' ? undefined : `is ${describe(value).slice(0, 50)}`;
}

/**
 * Checks that a configuration comes back from JSON as it is.
 * @param what - Its name in errors: "layer 0 (Scale)".
 * @throws {@link ValueError} naming the argument that does not.
 */
export function checkPlain(what: string, value: unknown, path = '', depth = 0): void {
  const problem = depth > limits.nesting ? 'is nested too deep, or in itself' : problemOf(value);
  if (problem !== undefined) {
    throw new ValueError(
      `the model cannot be saved: ${what}: getConfig()${path.slice(0, 100)} ${problem}; ` +
        'a configuration is made of numbers, texts, lists and objects',
    );
  }
  if (typeof value !== 'object' || value === null) return;
  const list = Array.isArray(value);
  for (const [key, item] of Object.entries(value)) {
    // Absent in JSON, too; but in a list it would become null.
    if (item === undefined && !list) continue;
    checkPlain(what, item, list ? `${path}[${key}]` : `${path}.${key}`, depth + 1);
  }
}
