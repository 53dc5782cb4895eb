// node scripts/shrink-wasm.mjs FILE.wasm: makes a module that Emscripten has linked download faster.
//
// Binaryen's passes once more, those for speed: after those for size they save 0.2 kB, gzip or brotli.
// Then its functions in the order of their size: compression finds more in common between neighbours,
// 0.8 kB gzip and 0.4 kB brotli more than in the linker's order. (By number of calls, Binaryen's own
// order, it gains nothing; a search over orders for a minute found nothing better.) Short functions are
// also those that are called most, and theirs become the short numbers.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [file] = process.argv.slice(2);
const { EMSCRIPTEN_ROOT } = process.env;
if (!EMSCRIPTEN_ROOT) throw new Error('EMSCRIPTEN_ROOT is not set: see .toolchain/env');
const emConfig = join(EMSCRIPTEN_ROOT, 'em-config');
const binaryen = execFileSync(emConfig, ['BINARYEN_ROOT'], { encoding: 'utf8' }).trim();
const run = (program, from, to, ...passes) =>
  execFileSync(join(binaryen, 'bin', program), ['--all-features', ...passes, from, '-o', to]);

const text = `${file}.wat`;
// The limit is CMakeLists.txt's.
run('wasm-opt', file, text, '-O3', '--one-caller-inline-max-function-size=250', '-S');
// A module is a line for its beginning, its parts, each indented by one, and a line for its end.
const lines = readFileSync(text, 'utf8').trimEnd().split('\n');
const end = lines.pop();
const [begin, ...parts] = lines.join('\n').split(/\n(?= \()/);
const isFunction = (part) => part.startsWith(' (func ');
const functions = parts.filter(isFunction).sort((a, b) => a.length - b.length);
const others = parts.filter((part) => !isFunction(part));
writeFileSync(text, [begin, ...others, ...functions, end].join('\n'));
run('wasm-as', text, file);
rmSync(text);
