// Arrays and texts as numpy's `save` writes them.
import { expect, test } from '@jest/globals';
import { readNpy, readNpyText, writeNpy, writeNpyText } from '../../../web/src/io/npy.js';
import { FormatError } from '../../../web/src/runtime/errors.js';

test.each([[[]], [[0]], [[3]], [[2, 3]], [[1, 2, 3, 4]]])('arrays of shape %p', (shape) => {
  const size = shape.reduce((product: number, dim: number) => product * dim, 1);
  const data = Float32Array.from({ length: size }, (_, i) => i - 0.5);
  const bytes = writeNpy({ shape, data });
  // The header ends where numpy wants it to.
  expect((bytes.length - 4 * size) % 64).toBe(0);
  expect(readNpy('a', bytes)).toEqual({ shape, data });
});

test.each(['', 'a', '层 😀', 'x'.repeat(10_000)])('texts', (text) => {
  expect(readNpyText('a', writeNpyText(text))).toBe(text);
});

test('a file that is cut off anywhere is refused', () => {
  const bytes = writeNpy({ shape: [2], data: Float32Array.of(1, 2) });
  for (let length = 0; length < bytes.length; length++) {
    expect(() => readNpy('a', bytes.slice(0, length))).toThrow(FormatError);
  }
});
