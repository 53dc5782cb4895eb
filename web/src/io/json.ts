import { FormatError } from '../runtime/errors.js';
import { limits } from './limits.js';

/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** The place of the quotation mark that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  for (;;) {
    if (end < 0) return text.length;
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
}

/** Whether the next character that is no space is a colon. */
function isKey(text: string, end: number): boolean {
  let next = end + 1;
  while (' \t\n\r'.includes(text[next] ?? 'x')) next++;
  return text[next] === ':';
}

/**
 * Throws for what no file of ours has and what could do harm: nesting without end, which would take
 * memory when parsed; a key twice, of which `JSON.parse` hides the first; the key `__proto__`.
 * Everything else about the text is for `JSON.parse` to judge.
 */
function scan(entry: string, text: string): void {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '{' || character === '[') {
      if (open.length === limits.nesting)
        throw new FormatError(entry, 'its JSON is nested too deep');
      open.push(undefined);
    } else if (character === '}' || character === ']') {
      open.pop();
    } else if (character === '"') {
      const end = endOfString(text, at);
      if (open.length > 0 && isKey(text, end)) {
        const key = JSON.parse(text.slice(at, end + 1)) as string;
        if (key === '__proto__') throw new FormatError(entry, "has a key '__proto__'");
        const keys = (open[open.length - 1] ??= new Set());
        if (keys.has(key)) throw new FormatError(entry, `has the key '${key}' twice`);
        keys.add(key);
      }
      at = end;
    }
  }
}

/**
 * Parses JSON of a file.
 * @throws {@link FormatError} when it is damaged, too long, nested too deep, has a key twice, or
 * names `__proto__`.
 */
export function parseJson(entry: string, text: string): Json {
  if (text.length > limits.text) {
    throw new FormatError(entry, `is longer than ${limits.text} characters`);
  }
  try {
    scan(entry, text);
    return JSON.parse(text) as Json;
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError(entry, 'is not JSON', { cause });
  }
}

/** A value as error messages show it. */
export function show(value: Json | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 100);
}

function unexpected(entry: string, wanted: string, value: Json | undefined): never {
  throw new FormatError(entry, `expected ${wanted}, got ${show(value)}`);
}

/** @throws {@link FormatError} unless the value is an object. */
export function asObject(entry: string, value: Json | undefined): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  return unexpected(entry, 'an object', value);
}

/** @throws {@link FormatError} unless the value is a list. */
export function asList(entry: string, value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : unexpected(entry, 'a list', value);
}

/** @throws {@link FormatError} unless the value is a text. */
export function asText(entry: string, value: Json | undefined): string {
  return typeof value === 'string' ? value : unexpected(entry, 'a text', value);
}

/** @throws {@link FormatError} unless the value is a whole number of at least 0. */
export function asCount(entry: string, value: Json | undefined): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  return unexpected(entry, 'a whole number of at least 0', value);
}

/** outputSize -> output_size. */
export const toSnakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (big) => `_${big.toLowerCase()}`);

/** output_size -> outputSize. */
export const toCamelCase = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
