/** Four 32-bit words, from 0 to 2^32 - 1. */
export type Words = readonly [number, number, number, number];

/** The upper 32 bits of a product of two 32-bit words, by halves whose products float64 holds exactly. */
function upperProduct(a: number, b: number): number {
  const lower = Math.floor((a * (b & 0xffff)) / 0x10000);
  return Math.floor((a * (b >>> 16) + lower) / 0x10000);
}

/**
 * Philox4x32-10: maps a 128-bit counter and a 64-bit key to 128 random bits, as cpp/base/random.cc does.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
 * section 3.3, ten rounds.
 */
export function philox(counter: Words, key: readonly [number, number]): Words {
  // Multipliers and key increments (golden ratio, sqrt(3) - 1) are those of the paper's Philox4x32.
  const multipliers = [0xd2511f53, 0xcd9e8d57] as const;
  const increments = [0x9e3779b9, 0xbb67ae85] as const;
  let [word0, word1, word2, word3] = counter;
  let [key0, key1] = key;
  for (let round = 0; round < 10; round++) {
    const upper0 = upperProduct(word0, multipliers[0]);
    const upper1 = upperProduct(word2, multipliers[1]);
    const lower0 = Math.imul(word0, multipliers[0]) >>> 0;
    const lower1 = Math.imul(word2, multipliers[1]) >>> 0;
    word0 = (upper1 ^ word1 ^ key0) >>> 0;
    word1 = lower1;
    word2 = (upper0 ^ word3 ^ key1) >>> 0;
    word3 = lower0;
    key0 = (key0 + increments[0]) >>> 0;
    key1 = (key1 + increments[1]) >>> 0;
  }
  return [word0, word1, word2, word3];
}
