// Random programs over the whole public interface. In every second one layers are shared and classes
// are the program's own, whose callbacks call whatever they like.
import { init, Dense, Model, ReLU, tensor } from 'lamella';
import { heapBytes } from '../outcome.mjs';
import { World } from '../programs/world.mjs';

const largestHeap = 256 * 2 ** 20;

/** A model that no program touches, and what it predicts. */
function reference() {
  const model = new Model([new Dense(8, { inputSize: 4 }), new ReLU(), new Dense(2)], { seed: 3 });
  const x = tensor([0.5, -1, 0.25, 2], [1, 4]);
  const predict = () => {
    const y = model.predict(x);
    const values = y.toArray();
    y.dispose();
    return values;
  };
  const right = predict();
  return () => predict().every((value, i) => value === right[i]);
}

export async function prepare() {
  await init({ variant: 'simd' });
  const isWhole = reference();
  return async (random, index) => {
    const world = new World(random, index % 2 === 1);
    try {
      for (let i = random.integer(5, 25); i > 0; i--) await world.step();
      await world.settle();
      world.checkCanaries();
      if (!isWhole())
        throw Object.assign(new Error('corruption: the reference model predicts otherwise'), {
          fatal: true,
        });
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
