// npm run build: the engine's variants and the TypeScript package -> dist/.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import * as esbuild from 'esbuild';
import { buildEngines, run, writeText } from './engine.mjs';

const options = {
  bundle: true,
  target: 'es2022',
  charset: 'utf8', // the engine's bytes are 0.7 kB of brotli less than with escapes
  sourcemap: true,
  logLevel: 'warning',
};

/** Builds a script in one piece, without import() and without an address of its own. */
async function bundleWhole(entry, name, how) {
  const define = { 'import.meta.url': 'undefined' };
  const entryPoints = [`web/src/${entry}.ts`];
  const output = { outfile: `dist/${name}.js`, format: 'iife' };
  await esbuild.build({ ...options, ...output, entryPoints, define, minify: true, ...how });
}

/** Builds a script whose exports are a global, and the same as a module. */
async function bundleEntry(entry, script, names) {
  // A console shows Dense: public names again. (keepNames, which keeps all, takes 3 kB of brotli.)
  const named = `for (const [name, value] of Object.entries(lamella))
  if (typeof value === 'function') Object.defineProperty(value, 'name', { value: name });`;
  const globalName = 'lamella';
  // A page may be in any encoding: the mark says this file's.
  if (script)
    await bundleWhole(entry, script, {
      globalName,
      banner: { js: '\uFEFF' },
      footer: { js: named },
    });
  const footer = { js: `${named}\nexport const { ${names.join(', ')} } = lamella;` };
  await bundleWhole(entry, entry, { globalName, footer });
}

async function bundle() {
  // Workers' scripts: as files, and as texts for where the file is out of reach.
  for (const [entry, name] of [
    ['runtime/thread', 'thread'],
    ['worker/worker', 'worker'],
  ]) {
    await bundleWhole(entry, name);
    await writeText(`${name}.text`, readFileSync(`dist/${name}.js`, 'utf8'));
  }
  // The entries that share chunks. Identifiers stay: a console and an uncaught error show Dense and
  // not m.
  const { metafile } = await esbuild.build({
    ...options,
    entryPoints: {
      index: 'web/src/index.ts',
      external: 'web/src/external.ts',
      'worker-client': 'web/src/worker/index.ts',
    },
    outdir: 'build/bundle',
    format: 'esm',
    splitting: true,
    metafile: true,
    minifyWhitespace: true, // and with it comments, 6 kB of brotli
    minifySyntax: true,
  });
  writeFileSync('build/bundle.json', JSON.stringify(metafile)); // for scripts/size.mjs
  // Node shows the whole line where an error was thrown: short ones, but for the engines' bytes, of
  // which no error comes and which are 4 kB of brotli more in short lines.
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
    lineLimit: 240,
    tsconfigRaw: {},
  });
  // For `require`: one file, since node:vm and Jest have no `import()`.
  await esbuild.build({
    ...options,
    entryPoints: ['web/src/index.ts'],
    outfile: 'dist/cjs/index.js',
    format: 'cjs',
    platform: 'node',
    banner: { js: `const here = require('node:url').pathToFileURL(__dirname + '/../').href;` },
    define: { 'import.meta.url': 'here' },
  });
  const { exports } = metafile.outputs['build/bundle/index.js'];
  await bundleEntry('static', 'lamella.iife', exports); // the script tag's, `window.lamella`
  await bundleEntry('module', undefined, exports);
}

/** Writes dist/integrity.json: hashes for the integrity attribute of what a page loads by address. */
function writeIntegrity() {
  const files = readdirSync('dist').filter((name) => /\.(js|wasm)$/.test(name));
  const hash = (name) =>
    createHash('sha384')
      .update(readFileSync(`dist/${name}`))
      .digest('base64');
  const hashes = Object.fromEntries(files.map((name) => [name, `sha384-${hash(name)}`]));
  writeFileSync('dist/integrity.json', `${JSON.stringify(hashes, null, 2)}\n`);
}

for (const folder of ['dist', 'build/bundle']) rmSync(folder, { recursive: true, force: true });
mkdirSync('dist');
await buildEngines();
console.log('build: TypeScript');
run('node_modules/.bin/tsc', '-p', 'tsconfig.build.json');
copyFileSync('web/src/wasm/engine.d.ts', 'dist/types/wasm/engine.d.ts');
await bundle();
// TypeScript takes a package's declarations for modules or CommonJS as the nearest package.json says.
cpSync('dist/types', 'dist/cjs', { recursive: true });
writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n');
writeIntegrity();
