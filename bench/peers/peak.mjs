// Not a peer: the machine's own peak, measured beside every matrix product.
import { peakLoops } from '../peak.mjs';
import { Missing } from './missing.mjs';

/** Rounds of a run, for about a millisecond. */
const rounds = 500_000;

function fastest(loops) {
  const speed = ({ run, flops }) => {
    let best = Infinity;
    for (let i = 0; i < 10; i++) {
      const start = performance.now();
      for (let j = 0; j < 8; j++) run(rounds);
      best = Math.min(best, performance.now() - start);
    }
    return flops / best;
  };
  const speeds = loops.map(speed);
  return loops[speeds.indexOf(Math.max(...speeds))];
}

export async function open({ variant }) {
  const loops = peakLoops().filter((loop) => loop.variant === variant);
  if (loops.length === 0) throw new Missing('this engine lacks relaxed SIMD');
  const task = () => {
    const { run, accumulators, flops } = fastest(loops);
    return {
      run: () => void run(rounds),
      note: `${accumulators} accumulators`,
      flops: flops * rounds,
    };
  };
  return { peak: task, gemm: task };
}
