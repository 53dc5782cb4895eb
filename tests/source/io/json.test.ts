// JSON of strangers: bounded in depth and length, each key once.
import { expect, test } from '@jest/globals';
import {
  asCount,
  asList,
  asObject,
  asText,
  parseJson,
  toCamelCase,
  toSnakeCase,
} from '../../../web/src/io/json.js';
import { FormatError } from '../../../web/src/runtime/errors.js';

test('what JSON is', () => {
  const value = { a: [1, 'b', null, true], c: { d: -1.5e3 } };
  expect(parseJson('entry', JSON.stringify(value))).toEqual(value);
});

test.each([
  ['[', 'not JSON'],
  ['{"a":1,"a":2}', "the key 'a' twice"],
  ['['.repeat(1000) + ']'.repeat(1000), 'nested'],
])('%p is refused', (text, part) => {
  expect(() => parseJson('entry', text)).toThrow(FormatError);
  expect(() => parseJson('entry', text)).toThrow(part);
});

test('parts of the wanted kind', () => {
  expect(asCount('n', 5)).toBe(5);
  expect(asText('t', 'a')).toBe('a');
  expect(asList('l', [1])).toEqual([1]);
  expect(asObject('o', { a: 1 })).toEqual({ a: 1 });
  for (const wrong of [-1, 0.5, '5', null, undefined])
    expect(() => asCount('n', wrong)).toThrow(FormatError);
});

test('keys of the two languages', () => {
  expect(toSnakeCase('kernelSize')).toBe('kernel_size');
  expect(toCamelCase('no_bias')).toBe('noBias');
});
