import * as lamella from '/node_modules/lamella/dist/index.js';
import { check } from '../check.mjs';

addEventListener('message', async ({ data }) => {
  postMessage(await check(lamella, data).catch((error) => ({ error: String(error) })));
});
