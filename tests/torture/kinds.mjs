// The kinds of cases: how many the long and the short run have, and the program that runs them.
import { join } from 'node:path';

const here = import.meta.dirname;

/** Cases of kinds/NAME.mjs. */
const script = (name, ...flags) => ({
  build: undefined,
  command: (seed) => (first, step, end, positionFile) => [
    process.execPath,
    ...flags,
    join(here, 'worker.mjs'),
    ...[name, seed, first, step, end, positionFile].map(String),
  ],
});

/** Cases of the program in cpp/. */
const native = (name, preset) => ({
  build: preset,
  command: (seed) => (first, step, end, positionFile) => [
    join(here, `../../build/${preset}/lamella_torture`),
    ...[name, seed, first, step, end, positionFile].map(String),
  ],
});

/** Gives WebAssembly 64 MB, which are filled in no time. */
const small = '--wasm-max-mem-pages=1024';

export const kinds = {
  files: { ...script('files'), long: 1_000_000, short: 20_000 },
  programs: { ...script('programs', '--expose-gc'), long: 200_000, short: 6_000 },
  'programs-threads': {
    ...script('programs-threads', '--expose-gc'),
    long: 20_000,
    short: 500,
  },
  memory: { ...native('memory', 'native-debug'), long: 200_000, short: 10_000 },
  models: { ...native('models', 'native-debug'), long: 400_000, short: 10_000 },
  pool: { ...native('pool', 'native-tsan'), long: 15_000, short: 300 },
  heap: { ...script('heap', small), long: 8_000, short: 200 },
  'heap-2gib': { ...script('heap'), long: 100, short: 4 },
  worker: { ...script('worker'), long: 6_000, short: 300 },
  stores: { ...script('stores'), long: 300, short: 6 },
  reductions: { ...script('reductions'), long: 12_000, short: 300 },
};
