// npm run build: the engine's variants and the TypeScript package -> dist/.
// node scripts/build.mjs PRESET TARGET: one target of one CMake preset.
import { spawnSync } from 'node:child_process';
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
import { delimiter, join } from 'node:path';
import * as esbuild from 'esbuild';

process.chdir(join(import.meta.dirname, '..'));
process.loadEnvFile('.toolchain/env');
// As npm does it: Emscripten calls tsc.
process.env.PATH = [join(process.cwd(), 'node_modules/.bin'), process.env.PATH].join(delimiter);

const variants = ['simd', 'relaxed', 'threads', 'relaxed-threads'];

/** Runs a program, and shows what it says only when it fails. */
function run(program, ...parameters) {
  const { status, error, stdout, stderr } = spawnSync(program, parameters, { encoding: 'utf8' });
  if (status === 0) return;
  console.error(`build: failed: ${[program, ...parameters].join(' ')}`);
  console.error(error?.message ?? stdout + stderr);
  process.exit(1);
}

function compile(preset, target) {
  run('cmake', '--preset', preset);
  run('cmake', '--build', '--preset', preset, '--target', target);
}

/** Writes a module whose default export is a text. Source maps leave it out. */
async function writeText(file, text) {
  const { code } = await esbuild.transform(text, {
    loader: 'text',
    format: 'esm',
    sourcemap: 'inline',
    sourcesContent: false,
    sourcefile: file,
  });
  writeFileSync(`web/src/wasm/${file}.js`, code);
}

/** Writes a variant's engine: as a file, and as a module for the bundles. */
async function writeEngine(variant) {
  const wasm = readFileSync(`build/${variant}/lamella.wasm`);
  writeFileSync(`dist/lamella.${variant}.wasm`, wasm);
  // A string literal with a character for each byte, 3 kB more than the file itself after brotli,
  // where base64 is 12 kB more.
  await writeText(`${variant}.bytes`, wasm.toString('latin1'));
}

/** Writes Emscripten's JavaScript, which relaxed SIMD does not change. */
async function writeGlue(file, variant, relaxed) {
  const [glue, other] = [variant, relaxed].map((name) =>
    readFileSync(`build/${name}/lamella.mjs`, 'utf8'),
  );
  if (glue !== other) throw new Error(`${variant} and ${relaxed} differ in lamella.mjs`);
  // init.ts hands the compiled engine to it: it looks for no file.
  const define = { 'import.meta.url': '"file:///"' };
  const { code } = await esbuild.transform(glue, { define, minify: true });
  writeFileSync(`web/src/wasm/${file}.js`, code);
}

const options = {
  bundle: true,
  target: 'es2022',
  charset: 'utf8', // the engine's bytes are 0.7 kB of brotli less than with escapes
  sourcemap: true,
  logLevel: 'warning',
};

/** As small as it gets with the engine inside, and with classes' names. */
const withEngine = { minify: true, keepNames: true };
/** As small as it gets without; with short lines for what an uncaught error shows. */
const withoutEngine = { minifyWhitespace: true, minifySyntax: true, lineLimit: 300 };

/** Builds a script or module in one piece, without import() and without an address of its own. */
async function bundleWhole(entry, outfile, format, how) {
  await esbuild.build({
    ...options,
    entryPoints: [`web/src/${entry}.ts`],
    outfile: `dist/${outfile}.js`,
    format,
    globalName: format === 'iife' ? 'lamella' : undefined,
    ...how,
    charset: format === 'iife' ? 'ascii' : 'utf8', // a page may be in any encoding
    define: { 'import.meta.url': 'undefined' },
  });
}

async function bundle() {
  // Workers' scripts: as files, and as texts for where the file is out of reach.
  for (const [entry, name] of [
    ['runtime/thread', 'thread'],
    ['worker/worker', 'worker'],
  ]) {
    await bundleWhole(entry, name, 'iife', withoutEngine);
    await writeText(`${name}.text`, readFileSync(`dist/${name}.js`, 'utf8'));
  }
  await bundleWhole('static', 'lamella.iife', 'iife', withEngine); // `window.lamella`
  await bundleWhole('static', 'static', 'esm', withEngine);
  await bundleWhole('module', 'module', 'esm', withoutEngine);
  // The entries that share chunks. Identifiers stay: a console and an uncaught error show Dense and
  // not m. (keepNames keeps bundlers from dropping what is not used.)
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
    minifyWhitespace: true, // and with it comments, 4 kB of brotli
  });
  writeFileSync('build/bundle.json', JSON.stringify(metafile)); // for scripts/size.mjs
  // Printed again: an uncaught error shows a line that a reader understands, and not a file of one line.
  await esbuild.build({
    entryPoints: ['build/bundle/*.js'],
    outdir: 'dist',
    charset: 'utf8',
    sourcemap: true,
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

async function build() {
  for (const folder of ['dist', 'build/bundle']) rmSync(folder, { recursive: true, force: true });
  mkdirSync('dist');
  for (const variant of variants) {
    console.log(`build: engine, variant ${variant}`);
    compile(variant, 'lamella_module');
    await writeEngine(variant);
  }
  await writeGlue('single.glue', 'simd', 'relaxed');
  await writeGlue('threads.glue', 'threads', 'relaxed-threads');
  console.log('build: TypeScript');
  // Emscripten has written the types of all that cpp/bindings/ binds.
  copyFileSync('build/threads/lamella.d.ts', 'web/src/wasm/engine.d.ts');
  run('node_modules/.bin/tsc', '-p', 'tsconfig.build.json');
  copyFileSync('web/src/wasm/engine.d.ts', 'dist/types/wasm/engine.d.ts');
  await bundle();
  // TypeScript takes a package's declarations for modules or CommonJS as the nearest package.json says.
  cpSync('dist/types', 'dist/cjs', { recursive: true });
  writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n');
  writeIntegrity();
}

const [preset, target] = process.argv.slice(2);
if (preset === undefined) await build();
else compile(preset, target);
