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
/** A module without anything in it but a section that says what it is. */
const named = (name) => {
  const section = ['lamella'.length, ...Buffer.from(`lamella${name}`)];
  return new Uint8Array([...something, 0, section.length, ...section]);
};
const engineName = (bytes) => {
  const module = new WebAssembly.Module(bytes);
  return Buffer.from(WebAssembly.Module.customSections(module, 'lamella')[0]).toString();
};
const rejects = (promise, name, message) => assert.rejects(promise, { name, message });

const [, version] = /^(\S+) /.exec(engineName(read('simd')));
const wanted = `init: the engine must be '${version} simd', got `;
const startsWith = (text) => new RegExp(`^${text.replaceAll('.', '\\.')}`);
await rejects(
  external.init({ variant: 'simd', wasm: read('threads') }),
  'ValueError',
  startsWith(`${wanted}'${version} threads'; its file is the package's dist/lamella.simd.wasm`),
);
await rejects(
  external.init({ variant: 'simd', wasm: something }),
  'ValueError',
  startsWith(`${wanted}'something else'`),
);
await rejects(
  external.init({ variant: 'simd', wasm: named('0.0.1 simd') }),
  'ValueError',
  startsWith(`${wanted}'0.0.1 simd'`),
);
await rejects(
  withModule.init({ module: await WebAssembly.compile(something), threads: 2 }),
  'ValueError',
  /^init: unknown option 'threads'; known are: module, winograd$/,
);
await rejects(withModule.init(), 'ArgumentTypeError', /^init: module must be a compiled /);
await rejects(withModule.init({ module: read('simd') }), 'ArgumentTypeError', /compiled/);
await rejects(
  withModule.init({ module: await WebAssembly.compile(something) }),
  'ValueError',
  /^init: module must be the package's .*got 'something else'$/,
);
await rejects(
  withModule.init({ module: await WebAssembly.compile(read('threads')) }),
  'ValueError',
  /got '\S+ threads'$/,
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
