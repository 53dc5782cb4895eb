// Random programs over the whole public interface. In every second one layers are shared and classes
// are the program's own, whose callbacks call whatever they like.
import { init } from 'lamella';
import { makeCanaries } from '../canaries.mjs';
import { heapBytes } from '../outcome.mjs';
import { World } from '../programs/world.mjs';

const largestHeap = 256 * 2 ** 20;

export async function prepare(seed, options = { variant: 'simd' }) {
  await init(options);
  const checkCanaries = makeCanaries();
  return async (random, index) => {
    const world = new World(random, index % 2 === 1);
    try {
      for (let i = random.integer(5, 25); i > 0; i--) await world.step();
      await world.settle();
      world.checkCanaries();
      checkCanaries();
    } catch (error) {
      error.stack += `\nprogram: ${world.trace.join(', ')}`;
      throw error;
    } finally {
      world.dispose();
    }
    if (index % 1024 < 2) {
      globalThis.gc();
      if (heapBytes() > largestHeap)
        throw Object.assign(new Error(`the heap grew to ${heapBytes()} bytes`), { fatal: true });
    }
  };
}
