// Workloads that need a fresh process or frame for each measurement.
import { instances, load } from './peers/index.mjs';

export const once = {
  instances,

  /** Milliseconds from importing a peer to the result of its first small dense layer. */
  async startup({ peer, ...options }) {
    const { startup } = await load(peer);
    const start = performance.now();
    await startup(options);
    return performance.now() - start;
  },
};
