// Engines that are not the wanted ones.
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import * as external from 'lamella/external';
import * as withModule from 'lamella/module';
import * as whole from 'lamella/static';
import { check } from './check.mjs';

const read = (name) =>
  readFileSync(new URL(`node_modules/lamella/dist/lamella.${name}.wasm`, import.meta.url));
const something = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
const rejects = (promise, name, message) => assert.rejects(promise, { name, message });

await rejects(
  external.init({ variant: 'simd', wasm: read('threads') }),
  'ValueError',
  /^init: wanted the engine's variant 'simd', got 'threads'; .*dist\/lamella\.simd\.wasm$/,
);
await rejects(
  external.init({ variant: 'simd', wasm: something }),
  'ValueError',
  /^init: wanted the engine's variant 'simd', got a WebAssembly module of something else/,
);
// The section alone: the imports are another version's.
const named = new Uint8Array([...something, 0, 12, 7, ...Buffer.from('lamellasimd')]);
const foreign = new Uint8Array([
  ...something,
  ...[1, 4, 1, 96, 0, 0], // a type () -> ()
  ...[2, 7, 1, 1, 120, 1, 121, 0, 0], // an import of that type, x.y
  ...named.subarray(8),
]);
await rejects(
  external.init({ variant: 'simd', wasm: foreign }),
  'ValueError',
  /^init: the engine, of variant 'simd', is of another version of lamella/,
);
await rejects(withModule.init(), 'ArgumentTypeError', /^init: module must be a compiled /);
await rejects(withModule.init({ module: read('simd') }), 'ArgumentTypeError', /compiled/);
await rejects(
  withModule.init({ module: await WebAssembly.compile(something) }),
  'ValueError',
  /^init: module must be the package's .*it is no engine of lamella$/,
);
await rejects(
  withModule.init({ module: await WebAssembly.compile(read('threads')) }),
  'ValueError',
  /it is variant 'threads'$/,
);
await rejects(
  whole.init({ variant: 'relaxed' }),
  'UnsupportedError',
  /^init: this build of lamella holds variant 'simd' alone, got 'relaxed'/,
);
const { compile } = WebAssembly;
WebAssembly.compile = () => Promise.reject(new WebAssembly.CompileError('no'));
await rejects(
  whole.init(),
  'UnsupportedError',
  /^init: no WebAssembly may be compiled here .*lamella\/module/,
);
WebAssembly.compile = compile;
console.log(JSON.stringify(await check(whole)));
