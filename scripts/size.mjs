// npm run size: how many kB of brotli a visitor downloads. `lamella` with one thread must be smaller
// than jax-js, the smallest peer that trains, and no entry with any variant larger than 100 kB, but for
// lamella/graph, whose engine has all layers.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

process.chdir(join(import.meta.dirname, '..'));

const jaxJs = 89;
const limit = 100;
const graphLimit = 135;
const variants = ['simd', 'relaxed', 'threads', 'relaxed-threads'];

/** The chunks that dist/ has: their files, the source that each is the entry of, and their imports. */
const chunks = JSON.parse(readFileSync('build/bundle.json', 'utf8'));

/** The files of the module made from a source file, and of those that it imports at once. */
function modulesOf(source) {
  const own = resolve(source);
  const names = [chunks.find((chunk) => chunk.source === own).fileName];
  for (const name of names) {
    const { imports } = chunks.find(({ fileName }) => fileName === name);
    names.push(...imports.filter((each) => !names.includes(each)));
  }
  return names.map((name) => `dist/${name}`);
}

const threads = (variant) =>
  variant.endsWith('threads')
    ? [...modulesOf('web/src/wasm/start-threads.ts'), 'dist/thread.js']
    : [];
const bytes = (variant) => modulesOf(`web/src/wasm/${variant}.bytes.js`);

/** The entry with the largest size. */
const largest = (entries) => entries.reduce((most, each) => (each[1] > most[1] ? each : most));

/** Files by entry and variant. */
const downloads = variants.flatMap((variant) => [
  [`lamella ${variant}`, ...modulesOf('web/src/index.ts'), ...threads(variant), ...bytes(variant)],
  [
    `lamella/external ${variant}`,
    ...modulesOf('web/src/external.ts'),
    ...threads(variant),
    `dist/lamella.${variant}.wasm`,
  ],
  [
    `lamella/graph ${variant}`,
    ...modulesOf('web/src/graph/index.ts'),
    ...threads(variant),
    ...bytes(`graph-${variant}`),
  ],
  [
    `lamella/worker ${variant}`, // the page's side, which gets the engine, and the worker's
    ...modulesOf('web/src/worker/index.ts'),
    ...bytes(variant),
    'dist/worker.js',
  ],
]);
for (const variant of ['simd', 'relaxed']) {
  downloads.push([`lamella/module ${variant}`, 'dist/module.js', `dist/lamella.${variant}.wasm`]);
}
downloads.push(
  ['lamella/static simd', 'dist/static.js'],
  ['script tag simd', 'dist/lamella.iife.js'],
  ['lamella/data, beside another', 'dist/data.js'],
  ['lamella/images, beside another', 'dist/images.js'],
);

const sizes = new Map(
  downloads.map(([name, ...files]) => {
    const parts = Array.from(
      new Set(files),
      (file) => brotliCompressSync(readFileSync(file)).length,
    );
    return [name, parts.reduce((sum, size) => sum + size) / 1000];
  }),
);
for (const [name, size] of sizes) console.log(`${name.padEnd(32)}${size.toFixed(1).padStart(6)}`);
const main = Math.max(sizes.get('lamella simd'), sizes.get('lamella relaxed'));
const isGraph = ([name]) => name.startsWith('lamella/graph');
const [worstName, worst] = largest(Array.from(sizes).filter((entry) => !isGraph(entry)));
const [graphName, graph] = largest(Array.from(sizes).filter(isGraph));
console.log(
  `size: lamella ${main.toFixed(1)} kB brotli (${jaxJs}), ` +
    `worst entry ${worstName} ${worst.toFixed(1)} (${limit}), ` +
    `${graphName} ${graph.toFixed(1)} (${graphLimit})`,
);
if (main >= jaxJs || worst >= limit || graph >= graphLimit) process.exitCode = 1;
