// Arguments, right and wrong.
import { tensor, zeros } from 'lamella';
import { Thrown } from '../outcome.mjs';

/** Values that no public function takes, or takes only where it says so. */
export function wildValue(world) {
  const { random } = world;
  return random.pick(wild)(world);
}

const detached = () => {
  const array = new Float32Array(4);
  structuredClone(array, { transfer: [array.buffer] });
  return array;
};

const cyclic = () => {
  const list = [];
  list.push(list);
  return list;
};

/** A list whose reading does something: frees a tensor, throws, makes others. */
function actingList(world) {
  const { random } = world;
  const length = random.integer(1, 6);
  const list = { length };
  for (let i = 0; i < length; i++) {
    const acts = random.chance(0.3);
    Object.defineProperty(list, i, {
      enumerable: true,
      get: () => {
        if (acts) world.act('getter');
        return i;
      },
    });
  }
  return list;
}

const wild = [
  () => undefined,
  () => null,
  () => NaN,
  () => Infinity,
  () => -1,
  () => 0,
  () => -0,
  () => 0.5,
  () => 1e39,
  () => 2 ** 31,
  () => 2 ** 32,
  () => 2 ** 53,
  () => 3n,
  () => '',
  () => '7',
  () => 'x'.repeat(5000),
  () => '\ud800',
  () => '__proto__',
  () => true,
  () => Symbol('s'),
  () => [],
  () => [[]],
  () => [1, [2]],
  () => ({}),
  () => ({ length: 1e10 }),
  () => ({ length: -1 }),
  () => ({ inputShape: [2 ** 31, 2 ** 31] }),
  () => ({ inputshape: [3] }),
  () => ({ learningRate: NaN }),
  () => ({
    [Symbol.toPrimitive]: () => {
      throw new Thrown();
    },
  }),
  () => Object.create(null),
  () => () => 1,
  () => new Float32Array(3),
  () => new BigInt64Array(2),
  () => new Uint8Array(5),
  () => new DataView(new ArrayBuffer(8)),
  () => new Date(NaN),
  () => new Map([['a', 1]]),
  () =>
    new Proxy(
      {},
      {
        get: () => {
          throw new Thrown();
        },
      },
    ),
  () => Promise.resolve(1),
  () => [NaN, Infinity],
  () => Array(9).fill(1),
  () => [2 ** 31, 2 ** 31],
  () => [65536, 65536, 65536],
  () => [0],
  () => new Array(3),
  () => zeros([]),
  () => tensor([1]),
  detached,
  (world) => (world.random.chance(0.02) ? cyclic() : []),
  actingList,
  (world) => world.anyTensor(),
  (world) => world.anyLayer(),
  (world) => world.anyModel(),
  (world) => world.random.pick(world.optimizers),
];

/** The value, or now and then a wild one in its place. */
export const orWild = (world, value, probability = 0.06) =>
  world.random.chance(probability) ? wildValue(world) : value;

/** The same for a count of repetitions, of which a caller gets as many as he asks for. */
export function orWildCount(world, value) {
  const given = orWild(world, value);
  return Number(typeof given === 'number' && given) > 1000 ? value : given;
}

/** An options object: right values, of which some are wild, missing, or under another name. */
export function options(world, right) {
  const { random } = world;
  const result = {};
  for (const [name, value] of Object.entries(right)) {
    if (random.chance(0.5)) continue;
    result[random.chance(0.02) ? `${name}s` : name] = orWild(world, value, 0.04);
  }
  return orWild(world, result, 0.02);
}

const shapes = [[2], [3], [4], [6], [1, 4, 4], [2, 4, 4], [2, 5, 3], [3, 2], [1, 8, 8], [1]];
export const sampleShape = (world) => [...world.random.pick(shapes)];
