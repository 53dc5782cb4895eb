import { describe, shorten, ValueError } from '../runtime/errors.js';

/** Whether a value comes back from JSON as it is, what is inside it aside. */
function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value);
    case 'object':
      // A list's holes, and undefined in it, would become null.
      if (Array.isArray(value)) return Object.values(value).filter(defined).length === value.length;
      return value === null || Object.prototype.toString.call(value) === '[object Object]';
    default:
      return typeof value === 'string' || typeof value === 'boolean' || !defined(value);
  }
}

const defined = (value: unknown): boolean => value !== undefined;

/**
 * A configuration as JSON, from which it comes back as it is.
 * @param what - Its name in errors: "layer 0 (Scale)".
 * @throws {@link ValueError} naming the argument that JSON holds otherwise or not at all.
 */
export function checkPlain(what: string, config: object): void {
  const problem = (text: string, cause?: unknown): ValueError =>
    new ValueError(`the model cannot be saved: ${what}: getConfig() ${text}`, { cause });
  function check(this: unknown, key: string): unknown {
    // As it was before toJSON().
    const value = (this as Record<string, unknown>)[key];
    if (isPlain(value)) return value;
    const name = shorten(key, 60);
    throw problem(`has ${name}: ${describe(value)}, which files cannot hold`);
  }
  try {
    JSON.stringify(config, check);
  } catch (cause) {
    throw cause instanceof ValueError ? cause : problem('is in itself, or too deep', cause);
  }
}
