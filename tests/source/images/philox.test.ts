// The random numbers and the angles of augmentation: the same bits everywhere.
import { expect, test } from '@jest/globals';
import { philox, type Words } from '../../../web/src/images/augmentation/philox.js';
import { sineAndCosine } from '../../../web/src/images/augmentation/turns.js';

const ones = 0xffffffff;

// Known answers that the paper's authors publish with their library, Random123; random_test.cc has them, too.
test.each<[Words, [number, number], Words]>([
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [ones, ones, ones, ones],
    [ones, ones],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
])('Philox of %p', (counter, key, words) => {
  expect(philox(counter, key)).toEqual(words);
});

function bitsOf(value: number): string {
  return new BigUint64Array(Float64Array.of(value).buffer)[0]?.toString(16) ?? '';
}

test('whole quarters of a turn are exact', () => {
  const quarters = [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((n) => sineAndCosine(n / 4));
  const sines = [0, 1, 0, -1, 0, 1, 0, -1, 0];
  const cosines = [1, 0, -1, 0, 1, 0, -1, 0, 1];
  expect(quarters.map(([sine]) => sine + 0)).toEqual(sines);
  expect(quarters.map(([, cosine]) => cosine + 0)).toEqual(cosines);
});

test('sine and cosine are those of Math, but for the rounding of their arguments', () => {
  for (let turns = -1; turns <= 1; turns += 1 / 777) {
    const [sine, cosine] = sineAndCosine(turns);
    expect(Math.abs(sine - Math.sin(2 * Math.PI * turns))).toBeLessThan(1e-15);
    expect(Math.abs(cosine - Math.cos(2 * Math.PI * turns))).toBeLessThan(1e-15);
  }
});

// Of these turns mpmath 1.3.0 with 40 digits has the same bits, or neighbours of them.
test.each<[number, string, string]>([
  [0.01, '3fb0130a1be0937a', '3fefefd5bfe443fe'],
  [0.05, '3fd3c6ef372fe94f', '3fee6f0e134454ff'],
  [0.1, '3fe2cf2304755a5e', '3fe9e3779b97f4a8'],
  [0.123456789, '3fe6682e33636dbf', '3fe6d8832e5981ec'],
  [0.125, '3fe6a09e667f3bcd', '3fe6a09e667f3bcc'],
  [0.2, '3fee6f0e13445500', '3fd3c6ef372fe94e'],
  [0.3, '3fee6f0e13445500', 'bfd3c6ef372fe94e'],
  [0.49, '3fb0130a1be0937e', 'bfefefd5bfe443fe'],
  [0.6, 'bfe2cf2304755a5d', 'bfe9e3779b97f4a8'],
  [0.87, 'bfe753b603d2b816', '3fe5e7cf55112013'],
  [-0.02, 'bfc00aeb5da15be0', '3fefbf675480d903'],
  [-0.3333, 'bfebb7567b2338c0', 'bfdffd073100b48b'],
  [-0.75001, '3feffffffef0b4d5', '3f10789304016a74'],
  [-0.999, '3f79bc5a9d91f67f', '3fefffd69aa0b99d'],
])('%p turns have these bits', (turns, sine, cosine) => {
  expect(sineAndCosine(turns).map(bitsOf)).toEqual([sine, cosine]);
});
