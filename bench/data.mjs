// Seeded numbers, the same for every peer, and the memory layouts that peers want them in.

/** Whole number from 0 to 2^32 - 1, by place: every language computes it alike. */
function hash(index) {
  let x = index >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** `count` float32 numbers, uniform in [low, high). native/native_bench.py has the same. */
export function uniform(count, seed, low = -1, high = 1) {
  const values = new Float32Array(count);
  const first = Math.imul(seed, 0x9e3779b9);
  for (let i = 0; i < count; i++) values[i] = low + (high - low) * (hash(first + i) / 2 ** 32);
  return values;
}

/** `count` class numbers. */
export function classes(count, seed, kinds) {
  const first = Math.imul(seed, 0x9e3779b9);
  return Uint16Array.from({ length: count }, (_, i) => hash(first + i) % kinds);
}

export function oneHot(labels, kinds) {
  const rows = new Float32Array(labels.length * kinds);
  labels.forEach((label, i) => (rows[i * kinds + label] = 1));
  return rows;
}

/** Reorders axes: result axis i is the input's axis order[i]. */
export function transpose(values, shape, order) {
  const strides = shape.map((_, axis) => product(shape.slice(axis + 1)));
  const sizes = order.map((axis) => shape[axis]);
  const steps = order.map((axis) => strides[axis]);
  const result = new values.constructor(values.length);
  let to = 0;
  const walk = (axis, from) => {
    const last = axis === sizes.length - 1;
    for (let i = 0; i < sizes[axis]; i++, from += steps[axis]) {
      if (last) result[to++] = values[from];
      else walk(axis + 1, from);
    }
  };
  walk(0, 0);
  return result;
}

/** [N, C, H, W] -> [N, H, W, C]. */
export const toChannelsLast = (values, shape) => transpose(values, shape, [0, 2, 3, 1]);

/** [N, H, W, C] as [N, C, H, W] has it; `shape` is the result's. */
export const toChannelsFirst = (values, [n, c, h, w]) =>
  transpose(values, [n, h, w, c], [0, 3, 1, 2]);

export const product = (sizes) => sizes.reduce((a, b) => a * b, 1);
