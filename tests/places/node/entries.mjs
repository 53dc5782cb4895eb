import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import * as withModule from 'lamella/module';
import * as whole from 'lamella/static';
import { check } from './check.mjs';

const compile = (name) => {
  const path = new URL(`node_modules/lamella/dist/lamella.${name}.wasm`, import.meta.url);
  return WebAssembly.compile(readFileSync(path));
};
assert.equal((await check(whole)).variant, 'simd');
const module = await compile('simd');
assert.equal((await check(withModule, { module })).variant, 'simd');
console.log(JSON.stringify(await check(withModule, { module })));
