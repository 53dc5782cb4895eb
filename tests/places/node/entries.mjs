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
const { variant, threads } = await check(withModule, {
  module: await compile('threads'),
  threads: 2,
});
assert.deepEqual([variant, threads], ['threads', 2]);
console.log(JSON.stringify(await check(withModule, { module: await compile('threads') })));
