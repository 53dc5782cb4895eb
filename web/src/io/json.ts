import { FormatError } from '../runtime/errors.js';

/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Deeper than any model nests its layers, shallow enough for every call stack. */
const maxDepth = 64;

/** Throws for what no file of ours has and what could do harm further on. */
function check(entry: string, value: Json, depth: number): void {
  if (depth > maxDepth) throw new FormatError(entry, 'its JSON is nested too deep');
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') throw new FormatError(entry, "has a key '__proto__'");
    check(entry, item, depth + 1);
  }
}

/** A key that an object of well-formed JSON has twice, of which `JSON.parse` hides the first. */
function repeatedKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  // Texts, with the colon that makes one a key, and brackets. Nothing else matters.
  for (const [token, string, colon] of text.matchAll(/("(?:[^"\\]|\\.)*")\s*(:?)|[{}[\]]/g)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (string !== undefined && colon === ':') {
      const key = JSON.parse(string) as string;
      if (open.at(-1)?.has(key)) return key;
      open.at(-1)?.add(key);
    }
  }
  return undefined;
}

/**
 * Parses JSON of a file.
 * @throws {@link FormatError} when it is damaged, nested too deep, has a key twice, or names
 * `__proto__`.
 */
export function parseJson(entry: string, text: string): Json {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw new FormatError(entry, 'is not JSON', { cause });
  }
  check(entry, value, 0);
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw new FormatError(entry, `has the key '${repeated}' twice`);
  return value;
}

/** A value as error messages show it. */
function show(value: Json | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 100);
}

/** @throws {@link FormatError} unless the value is an object. */
export function asObject(entry: string, value: Json | undefined): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw new FormatError(entry, `expected an object, got ${show(value)}`);
}

/** @throws {@link FormatError} unless the value is a list. */
export function asList(entry: string, value: Json | undefined): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  throw new FormatError(entry, `expected a list, got ${show(value)}`);
}

/** @throws {@link FormatError} unless the value is a text. */
export function asText(entry: string, value: Json | undefined): string {
  if (typeof value === 'string') return value;
  throw new FormatError(entry, `expected a text, got ${show(value)}`);
}

/** @throws {@link FormatError} unless the value is a whole number of at least 0. */
export function asCount(entry: string, value: Json | undefined): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new FormatError(entry, `expected a whole number of at least 0, got ${show(value)}`);
}

/** The same value with every key renamed. */
function renameKeys(value: Json, rename: (key: string) => string): Json {
  if (Array.isArray(value)) return value.map((item: Json) => renameKeys(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [rename(key), renameKeys(item, rename)]),
  );
}

/** outputSize -> output_size, in all keys. */
export function toSnakeCase(value: Json): Json {
  return renameKeys(value, (key) => key.replace(/[A-Z]/g, (big) => `_${big.toLowerCase()}`));
}

/** output_size -> outputSize, in all keys. */
export function toCamelCase(value: Json): Json {
  return renameKeys(value, (key) =>
    key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  );
}
