// web/src/ -> the JavaScript in dist/, for scripts/build.mjs.
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { writeText } from './engine.mjs';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const define = { LAMELLA_VERSION: JSON.stringify(version) };
const options = {
  bundle: true,
  target: 'es2022',
  charset: 'utf8', // the engine's bytes are 0.7 kB of brotli less than with escapes
  sourcemap: true,
  logLevel: 'warning',
};

/** Characters of a line, which Node shows whole when an error is not caught. */
const lineLimit = 280;

/** For bundles in one piece: what others load on demand is there at once. */
const atOnce = {
  name: 'at-once',
  setup({ onResolve }) {
    onResolve({ filter: /\/on-demand\.js$/ }, ({ resolveDir }) => ({
      path: join(resolveDir, 'at-once.ts'),
    }));
  },
};

/** Builds a script in one piece, without import() and without an address of its own. */
async function bundleScript(entry, file, how) {
  await esbuild.build({
    ...options,
    entryPoints: [`web/src/${entry}.ts`],
    outfile: `dist/${file}.js`,
    format: 'iife',
    define: { ...define, 'import.meta.url': 'undefined' },
    plugins: [atOnce],
    minify: true,
    ...how,
  });
}

/** Builds an entry in one piece: a module, and of `static` a script with a global of its exports. */
async function bundleWhole(entry, exports) {
  const globalName = 'lamella';
  // A console shows Dense: public names again. (keepNames, which keeps all, takes 3 kB of brotli.)
  const named = `for (const [name, value] of Object.entries(lamella))
  if (typeof value === 'function') Object.defineProperty(value, 'name', { value: name });`;
  const exported = `export const {${exports}} = lamella;`;
  await bundleScript(entry, entry, { globalName, footer: { js: `${named}\n${exported}` } });
  if (entry !== 'static') return;
  // A page may be in any encoding: the mark tells this file's.
  const asScript = { globalName, banner: { js: '\uFEFF' }, footer: { js: named } };
  await bundleScript(entry, 'lamella.iife', asScript);
}

/** Builds the entries that share chunks; gives what esbuild tells of them. */
async function bundleShared() {
  // Identifiers stay: a console and an uncaught error show Dense and not m.
  const { metafile } = await esbuild.build({
    ...options,
    entryPoints: {
      index: 'web/src/index.ts',
      external: 'web/src/external.ts',
      'worker-client': 'web/src/worker/index.ts',
    },
    outdir: 'build/bundle',
    format: 'esm',
    define,
    splitting: true,
    metafile: true,
    minifyWhitespace: true, // and with it comments, 6 kB of brotli
    minifySyntax: true,
  });
  // Short lines, but for texts, of which no error comes: the engines' bytes would be 4 kB of brotli more.
  const isText = (name) => /\.(bytes|text)-\w+\.js(\.map)?$/.test(name);
  const names = readdirSync('build/bundle');
  for (const name of names.filter(isText)) copyFileSync(`build/bundle/${name}`, `dist/${name}`);
  await esbuild.build({
    entryPoints: names
      .filter((name) => name.endsWith('.js') && !isText(name))
      .map((name) => `build/bundle/${name}`),
    outdir: 'dist',
    charset: 'utf8',
    sourcemap: true,
    minifyWhitespace: true,
    lineLimit,
    tsconfigRaw: {}, // modules need no 'use strict'
  });
  return metafile;
}

/** Builds everything. */
export async function bundle() {
  // Workers' scripts: as files, and as texts for where the file is out of reach.
  for (const [entry, file] of [
    ['runtime/thread', 'thread'],
    ['worker/worker', 'worker'],
  ]) {
    await bundleScript(entry, file, { lineLimit });
    await writeText(`${file}.text`, readFileSync(`dist/${file}.js`, 'utf8'));
  }
  const metafile = await bundleShared();
  writeFileSync('build/bundle.json', JSON.stringify(metafile)); // for scripts/size.mjs
  const { exports } = metafile.outputs['build/bundle/index.js'];
  await bundleWhole('static', exports);
  await bundleWhole('module', exports);
  // For `require`: one file, since node:vm and Jest have no `import()`.
  await esbuild.build({
    ...options,
    entryPoints: ['web/src/index.ts'],
    outfile: 'dist/cjs/index.js',
    format: 'cjs',
    platform: 'node',
    banner: { js: `const here = require('node:url').pathToFileURL(__dirname + '/../').href;` },
    define: { ...define, 'import.meta.url': 'here' },
    plugins: [atOnce],
  });
}
