// Options are checked by name, kind and range, and errors tell what is wanted.
import { describe, expect, test } from '@jest/globals';
import {
  checkBoolean,
  checkNames,
  checkOptions,
  checkShape,
  isPlain,
  rate,
  toShape,
  wholeNumber,
} from '../../../web/src/runtime/checks.js';
import { ArgumentTypeError, ValueError } from '../../../web/src/runtime/errors.js';

const checks = { size: wholeNumber, rate, quick: checkBoolean };

describe('checkOptions', () => {
  test('gives a copy of what it was given', () => {
    const given = { size: 2, quick: undefined };
    const options = checkOptions('Owner', given as { size: number }, checks as never);
    expect(options).toEqual(given);
    expect(options).not.toBe(given);
  });

  test.each([
    [
      { siz: 2 },
      ValueError,
      "Owner: unknown option 'siz'; known are: size, rate, quick; did you mean 'size'?",
    ],
    [{ size: 0 }, ValueError, 'Owner: size must be a whole number of at least 1, got 0'],
    [{ size: '2' }, ArgumentTypeError, "Owner: size must be a whole number of at least 1, got '2'"],
    [{ rate: 1e39 }, ValueError, 'Owner: rate must be a finite number of at least 0'],
    [{ quick: 1 }, ArgumentTypeError, 'Owner: quick must be true or false, got 1'],
    [5, ArgumentTypeError, 'Owner: options must be an object such as { size: 5 }, got 5'],
    [null, ArgumentTypeError, 'got null'],
    [[], ArgumentTypeError, 'got []'],
    [new Map(), ArgumentTypeError, 'got [object Map]'],
  ])('refuses %p', (given, kind, message) => {
    const check = () => checkOptions('Owner', given as never, checks as never);
    expect(check).toThrow(kind);
    expect(check).toThrow(message);
  });

  test('wants the first ones where they are required', () => {
    const check = () => checkOptions('Owner', {} as never, checks as never, 1);
    expect(check).toThrow('Owner: size must be a whole number of at least 1, got undefined');
  });
});

test('names alone are checked where somebody else checks the values', () => {
  expect(checkNames('Owner', { a: Symbol.iterator }, ['a'])).toEqual({ a: Symbol.iterator });
  expect(() => checkNames('Owner', { b: 1 }, ['a'])).toThrow("unknown option 'b'");
});

test('objects that hold their properties themselves', () => {
  expect([{}, Object.create(null), { a: 1 }].every(isPlain)).toBe(true);
  expect([null, undefined, 5, 'a', [], new Map(), new Date(), () => 1].some(isPlain)).toBe(false);
});

test('shapes', () => {
  expect(toShape('shape', 5)).toEqual([5]);
  expect(toShape('shape', [2, 0])).toEqual([2, 0]);
  expect(() => checkShape('shape', 'ab')).toThrow(ArgumentTypeError);
  expect(() => checkShape('shape', [1, -1])).toThrow(
    'shape[1] must be a whole number of at least 0',
  );
});

test('what counts may be large, but exact', () => {
  expect(wholeNumber('n', 2 ** 53 - 1)).toBe(2 ** 53 - 1);
  for (const value of [2 ** 53, 1.5, NaN, Infinity, -1]) {
    expect(() => wholeNumber('n', value)).toThrow(ValueError);
  }
});
