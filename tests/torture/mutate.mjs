// Damage to bytes and to JSON.

const wild = [0, 1, 2, 7, 8, 127, 128, 255, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

const splice = (bytes, at, removed, added) =>
  Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);

const byteOperations = [
  (bytes, at, random) => {
    bytes[at] ^= 1 << random.integer(0, 7);
    return bytes;
  },
  (bytes, at, random) => {
    bytes[at] = random.pick(wild);
    return bytes;
  },
  (bytes, at, random) => {
    const width = Math.min(random.pick([2, 4]), bytes.length - at);
    if (width >= 1) bytes.writeUIntLE(random.pick(wild) % 2 ** (8 * width), at, width);
    return bytes;
  },
  (bytes, at, random) => splice(bytes, at, random.integer(1, 32), Buffer.alloc(0)),
  (bytes, at, random) =>
    splice(bytes, at, 0, Buffer.alloc(random.integer(1, 32), random.integer(0, 255))),
  (bytes, at, random) => splice(bytes, at, 0, bytes.subarray(at, at + random.integer(1, 500))),
  (bytes, at, random, other) => {
    const from = random.integer(0, other.length - 1);
    const length = random.integer(1, 300);
    return splice(bytes, at, length, Buffer.from(other.subarray(from, from + length)));
  },
  (bytes, at) => bytes.subarray(0, at),
];

/** Bytes with up to eight places changed, in part for what `other` has. */
export function mutateBytes(bytes, random, other = bytes) {
  let result = Buffer.from(bytes);
  for (let i = random.integer(1, random.chance(0.7) ? 1 : 8); i > 0 && result.length > 0; i--) {
    const at = random.integer(0, result.length - 1);
    result = Buffer.from(random.pick(byteOperations)(result, at, random, other));
  }
  return new Uint8Array(result);
}

const nested = (depth) => {
  let value = [];
  for (let i = 0; i < depth; i++) value = [value];
  return value;
};

const wildValues = [
  () => null,
  () => true,
  () => '',
  () => 'x',
  () => '__proto__',
  () => 'A'.repeat(3000),
  () => '\ud800',
  () => [],
  () => ({}),
  () => nested(100),
  (random) => [random.pick(numbers)],
  (random) => random.pick(numbers),
  (random) => random.pick(numbers),
  (random) => random.pick(numbers),
  (random) => Array.from({ length: random.integer(1, 9) }, () => random.pick(numbers)),
];
const numbers = [
  -1,
  0,
  1,
  2,
  3,
  64,
  1000,
  65536,
  2 ** 26,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e39,
  1e308,
  0.5,
  -0.5,
  1e-45,
];

/** Every place in a JSON value: the object or list and the key. */
function placesIn(value, places = []) {
  if (typeof value !== 'object' || value === null) return places;
  for (const key of Object.keys(value)) {
    places.push([value, key]);
    placesIn(value[key], places);
  }
  return places;
}

const jsonOperations = [
  (holder, key, random) => (holder[key] = random.pick(wildValues)(random)),
  (holder, key, random) => {
    if (typeof holder[key] === 'number') holder[key] = random.pick(numbers);
    else holder[key] = random.pick(wildValues)(random);
  },
  (holder, key) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  },
  // Counts grow: the same item many times.
  (holder, key, random) => {
    const item = holder[key];
    const small = JSON.stringify(item).length < 300;
    const count = random.pick(small && random.chance(0.01) ? [1000, 5000] : [1, 2, 20]);
    if (Array.isArray(holder)) holder.splice(Number(key), 0, ...Array(count).fill(item));
    else holder[`${key}_`] = item;
  },
  // Another place's value.
  (holder, key, random, places) => {
    const [other, otherKey] = random.pick(places);
    holder[key] = structuredClone(other[otherKey]);
  },
];

/** A copy of a JSON value with one place changed, or a few. */
export function mutateJson(value, random) {
  const result = structuredClone(value);
  for (let i = random.integer(1, random.chance(0.7) ? 1 : 4); i > 0; i--) {
    const places = placesIn(result);
    if (places.length === 0) break;
    const [holder, key] = random.pick(places);
    random.pick(jsonOperations)(holder, key, random, places);
  }
  return result;
}

/** The text of a JSON value, now and then with damage to its syntax. */
export function jsonText(value, random) {
  const text = JSON.stringify(value);
  if (random.chance(0.95)) return text;
  if (random.chance(0.02)) return '['.repeat(random.integer(1, 200_000)) + text;
  return new TextDecoder().decode(mutateBytes(Buffer.from(text), random));
}
