// io/built-in.ts names the classes that the registries know, which it must not import.
import { expect, test } from '@jest/globals';
import * as lamella from 'lamella';
import { isBuiltIn } from '../../../web/src/io/built-in.ts';

test.each([
  ['Layer', 20],
  ['Loss', 5],
  ['Optimizer', 4],
])('every %s', (base, least) => {
  const names = Object.keys(lamella).filter(
    (name) => lamella[name].prototype instanceof lamella[base],
  );
  expect(names.length).toBeGreaterThanOrEqual(least);
  expect(names.filter((name) => !isBuiltIn(name))).toEqual([]);
  expect(isBuiltIn('Nothing')).toBe(false);
});
