// Random choices that follow from a seed and the index of a case, so that a finding names its input.
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export class Random {
  #generator;

  constructor(seed, index) {
    this.#generator = xoroshiro128plus(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index, 0x85ebca6b));
    // Neighbouring seeds give numbers that are alike at first.
    for (let i = 0; i < 8; i++) this.#generator.next();
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low, high) {
    return uniformInt(this.#generator, low, high);
  }

  /** A number from 0 to 1. */
  fraction() {
    return this.integer(0, 2 ** 30) / 2 ** 30;
  }

  chance(probability) {
    return this.fraction() < probability;
  }

  pick(list) {
    return list[this.integer(0, list.length - 1)];
  }

  /** `count` float32 numbers from -1 to 1. */
  numbers(count) {
    return Float32Array.from({ length: count }, () => 2 * this.fraction() - 1);
  }
}
