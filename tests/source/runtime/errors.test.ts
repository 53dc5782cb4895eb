// Messages are short whatever the input, and name what was probably meant.
import { expect, test } from '@jest/globals';
import {
  createError,
  describe as show,
  FormatError,
  OutOfMemoryError,
  ShapeError,
  showShape,
  suggest,
} from '../../../web/src/runtime/errors.js';

test('no message has more than 300 characters, and none ends within a character', () => {
  for (const text of ['x'.repeat(1e6), '😀'.repeat(1e4)]) {
    const { message } = new ShapeError(text);
    expect(message.length).toBeLessThanOrEqual(300);
    expect(() => encodeURIComponent(message)).not.toThrow();
    expect(new FormatError(text, text).entry.length).toBeLessThanOrEqual(100);
  }
});

test('values as messages show them', () => {
  const hostile = {
    toString(): string {
      throw new Error('no');
    },
  };
  class Named {
    readonly text = 'a class of any length';
  }
  const values = [undefined, 5, 'a', 5n, [1, 2], new Float32Array(3), hostile, Named, () => 5];
  expect(values.map(show)).toEqual([
    'undefined',
    '5',
    "'a'",
    '5n',
    '[1, 2]',
    '[object Float32Array]',
    '[object Object]',
    'function Named',
    'function',
  ]);
  expect(showShape(new Array<number>(20).fill(1))).toBe('[1, 1, 1, 1, 1, 1, 1, 1, …]');
});

test('the nearest names that there are', () => {
  const names = ['learningRate', 'momentum', 'nesterov', 'weightDecay'];
  expect(suggest('learning_rate', names)).toContain("did you mean 'learningRate'?");
  expect(suggest('lr', names)).toContain('known are: learningRate');
  expect(suggest('zzz', names)).not.toContain('did you mean');
  expect(suggest('a', [])).toContain('none');
});

test('errors of the engine by their number', () => {
  expect(createError(0, 'a')).toBeInstanceOf(ShapeError);
  expect(createError(4, 'a')).toBeInstanceOf(OutOfMemoryError);
  expect(createError(undefined, 'a').message).toBe('lamella: internal error: a');
  expect(
    createError(1, "Dense: unknown option 'nobias'; known are: noBias, inputSize").message,
  ).toContain("did you mean 'noBias'?");
});
