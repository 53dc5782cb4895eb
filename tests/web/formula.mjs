// Weights and data by a formula, the same numbers as scripts/judges/judge_networks/formula.py makes, bit
// for bit: whole numbers are mixed in 32 bits; the rest is arithmetic whose every operation IEEE 754
// rounds correctly, and one rounding to float32.

/** One number of 32 bits for an element of the tensor that has this number. */
export function mixed(tensor, element) {
  let h = Math.imul(element + 1, 0x9e3779b1) ^ Math.imul(tensor + 1, 0x632be5ab);
  for (const factor of [0x7feb352d, 0x846ca68b]) {
    h ^= h >>> 16;
    h = Math.imul(h, factor);
  }
  return (h ^ (h >>> 15)) >>> 0;
}

/** A number in [-1, 1). */
export const unit = (tensor, element) => (mixed(tensor, element) >>> 8) / 2 ** 23 - 1;

const sizeOf = (shape) => shape.reduce((size, length) => size * length, 1);

/** The numbers of a tensor, all in [-1, 1). */
export function units(tensor, shape) {
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => unit(tensor, i));
}

/** What is added to a number in [-1, 1), and what it is multiplied by. */
const ranges = {
  biases: [0, 0.1],
  gamma: [1, 0.2],
  beta: [0.5, 0.2],
  cache_m: [0, 0.1],
  cache_v: [1, 0.5],
};

/** The values of a parameter or state of this name and shape. */
export function weight(name, tensor, shape, gain) {
  const fanIn = shape.length === 2 ? shape[0] : sizeOf(shape.slice(1));
  const [offset, factor] = ranges[name] ?? [0, Math.sqrt(gain / fanIn)];
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => offset + factor * unit(tensor, i));
}
