import * as lamella from 'lamella';
import { check } from './check.mjs';

export default {
  fetch: async () =>
    Response.json(await check(lamella).catch((error) => ({ error: String(error) }))),
};
