// node scripts/shrink-wasm.mjs FILE.wasm: makes a module that Emscripten has linked download faster.
//
// Binaryen's passes once more, those for speed: after those for size they save up to 0.2 kB gzip and 0.3
// brotli. Then its functions beside their like: compression finds more in common between neighbours, 1.0
// kB gzip and 0.6 brotli more than in the linker's order. (By size alone it is 0.5 and 0.3; by number of
// calls, Binaryen's own order, nothing.)
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [file] = process.argv.slice(2);
const { EMSCRIPTEN_ROOT } = process.env;
if (!EMSCRIPTEN_ROOT) throw new Error('EMSCRIPTEN_ROOT is not set: see .toolchain/env');
const emConfig = join(EMSCRIPTEN_ROOT, 'em-config');
const binaryen = execFileSync(emConfig, ['BINARYEN_ROOT'], { encoding: 'utf8' }).trim();
// What CMakeLists.txt compiles for, so that no pass makes use of anything else.
const features = [
  'simd',
  'relaxed-simd',
  'threads',
  'bulk-memory',
  'sign-ext',
  'nontrapping-float-to-int',
  'mutable-globals',
  'exception-handling',
].map((name) => `--enable-${name}`);
const run = (program, from, to, ...passes) =>
  execFileSync(join(binaryen, 'bin', program), [...features, ...passes, from, '-o', to]);

const text = `${file}.wat`;
// The limit is CMakeLists.txt's.
run('wasm-opt', file, text, '-O3', '--one-caller-inline-max-function-size=250', '-S');
// A module is a line for its beginning, its parts, each indented by one, and a line for its end.
const lines = readFileSync(text, 'utf8').trimEnd().split('\n');
const end = lines.pop();
const [begin, ...parts] = lines.join('\n').split(/\n(?= \()/);
const isFunction = (part) => part.startsWith(' (func ');
/** What a function computes with, the least number of parameters first, then its type and its size. */
const keys = (part) => {
  const [head] = part.split('\n', 1);
  const type = head.replace(/\$\S+/g, '');
  const numbers = part.includes('f32x4') ? 2 : /f32|f64/.test(part) ? 1 : 0;
  return [numbers, type.length, type, part.length];
};
const functions = parts
  .filter(isFunction)
  .map((part) => ({ part, keys: keys(part) }))
  .sort((a, b) => {
    const i = a.keys.findIndex((key, k) => key !== b.keys[k]);
    return i < 0 ? 0 : a.keys[i] < b.keys[i] ? -1 : 1;
  })
  .map(({ part }) => part);
const others = parts.filter((part) => !isFunction(part));
writeFileSync(text, [begin, ...others, ...functions, end].join('\n'));
run('wasm-as', text, file);
rmSync(text);
