import module from '../../node_modules/lamella/dist/lamella.simd.wasm?module';
import * as lamella from 'lamella/module';
import { check } from '../../check.mjs';

export const config = { runtime: 'edge' };
export default async function handler() {
  return Response.json(await check(lamella, { module }).catch((error) => ({ error: error.stack })));
}
