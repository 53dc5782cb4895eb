// npm run size: what a visitor downloads, by entry and variant, against the budget.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

process.chdir(join(import.meta.dirname, '../dist'));

/** Bytes that one visitor may download: entry, glue code and one variant. */
const budget = { gzip: 64_000, brotli: 56_000 };

/** A file of dist/ and what it imports at once; variants and file formats come on demand. */
function withImports(name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  const text = readFileSync(name, 'utf8');
  for (const [, path] of text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) {
    withImports(path, seen);
  }
  return seen;
}

const inline = (variant) => [`wasm/${variant}.js`];
const apart = (variant) => [`wasm/${variant}.glue.js`, `lamella.${variant}.wasm`];
/** An entry's own files, and those of a variant that come with it. */
const entries = {
  lamella: [withImports('index.js'), inline],
  'lamella/external': [withImports('external.js'), apart],
  // The page's side and the worker's.
  'lamella/worker': [[...withImports('worker-client.js'), 'worker.js'], inline],
  'script tag': [['lamella.iife.js'], inline],
};

const rows = Object.entries(entries).flatMap(([entry, [own, engine]]) =>
  ['simd', 'relaxed', 'threads', 'relaxed-threads'].map((variant) => {
    const files = [...own, ...engine(variant)];
    if (variant.endsWith('threads')) files.push('thread.js');
    const contents = files.map((name) => readFileSync(name));
    const sum = (size) => contents.reduce((total, bytes) => total + size(bytes), 0);
    return {
      entry,
      variant,
      raw: sum((bytes) => bytes.length),
      gzip: sum((bytes) => gzipSync(bytes, { level: 9 }).length),
      brotli: sum((bytes) => brotliCompressSync(bytes).length),
    };
  }),
);
console.table(rows);
const over = rows.filter(({ gzip, brotli }) => gzip > budget.gzip || brotli > budget.brotli);
for (const { entry, variant } of over) {
  console.error(
    `${entry}, ${variant}: over the budget of ${budget.gzip} bytes gzip, ${budget.brotli} brotli`,
  );
}
process.exitCode = over.length > 0 ? 1 : 0;
