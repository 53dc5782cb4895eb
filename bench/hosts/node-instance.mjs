// Child process of node.mjs: one Instance.
import { Instance } from '../instance.mjs';

const instance = new Instance();

process.on('disconnect', () => process.exit());
process.on('message', async ({ method, parameters }) => {
  try {
    process.send({ result: await instance[method](...parameters) });
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});
