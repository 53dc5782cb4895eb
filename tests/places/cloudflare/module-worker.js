import module from 'lamella/dist/lamella.simd.wasm';
import * as lamella from 'lamella/module';
import { check } from './check.mjs';

export default {
  fetch: async () =>
    Response.json(
      await check(lamella, { module }).catch((error) => ({ error: `${error}\n${error.stack}` })),
    ),
};
