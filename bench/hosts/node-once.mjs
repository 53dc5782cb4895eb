// Child process of node.mjs for what wants a fresh one.
import { instances, load } from '../peers/index.mjs';

const methods = {
  instances,

  /** Milliseconds from importing a peer to the result of its first small dense layer. */
  async startup({ peer, ...options }) {
    const { startup } = await load(peer);
    const start = performance.now();
    await startup(options);
    return performance.now() - start;
  },
};

process.on('disconnect', () => process.exit());
process.on('message', async ({ method, parameters }) => {
  try {
    process.send({ result: await methods[method](...parameters) });
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});
