// npm run build: the engine's variants and the TypeScript package -> dist/. Does only what is stale.
// node scripts/build.mjs PRESET TARGET: one target of one CMake preset.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';

process.chdir(join(import.meta.dirname, '..'));
process.loadEnvFile('.toolchain/env');

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

/**
 * Bytes as a string literal of a character each, which compresses as the bytes do: base64 does not,
 * and inflating in JavaScript takes longer than compiling the engine. The shift by 35 makes the most
 * frequent bytes printable, and the zero byte, which some tools stumble over, rare.
 */
function toText(bytes) {
  const escapes = { '\0': '\\x00', '\n': '\\n', '\r': '\\r', '"': '\\"', '\\': '\\\\' };
  return Buffer.from(bytes.map((byte) => byte + 35))
    .toString('latin1')
    .replace(/[\0\n\r"\\]/g, (character) => escapes[character]);
}

/** One variant: its file, its glue code, and the module that holds both. */
function packVariant(variant) {
  compile(variant, 'lamella_module');
  const wasm = readFileSync(`build/${variant}/lamella.wasm`);
  const glue = readFileSync(`build/${variant}/lamella.mjs`, 'utf8');
  const { code } = esbuild.transformSync(glue, { minify: true, target: 'es2022' });
  writeFileSync(`dist/lamella.${variant}.wasm`, wasm);
  // A named export: `default` of a module is what CommonJS interoperation stumbles over.
  writeFileSync(
    `dist/wasm/${variant}.glue.js`,
    code.replace(/export default (\w+)/, 'export{$1 as createModule}'),
  );
  writeFileSync(
    `dist/wasm/${variant}.js`,
    `export { createModule } from './${variant}.glue.js';\nexport const wasm = "${toText(wasm)}";\n`,
  );
}

/** dist/integrity.json: hashes for the integrity attribute of what a page loads by address. */
function writeIntegrity() {
  const files = readdirSync('dist', { recursive: true })
    .filter((name) => /\.(js|wasm)$/.test(name) && !name.startsWith('cjs'))
    .sort();
  const hashes = files.map((name) => {
    const hash = createHash('sha384')
      .update(readFileSync(`dist/${name}`))
      .digest('base64');
    return [name, `sha384-${hash}`];
  });
  writeFileSync('dist/integrity.json', `${JSON.stringify(Object.fromEntries(hashes), null, 2)}\n`);
}

/** Leaves the variants' modules out of a bundle: they are loaded when chosen. */
const variantsStayOutside = (folder) => ({
  name: 'variants',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/wasm\/[\w.-]+\.js$/ }, ({ path }) => ({
      path: path.replace(/^.*\/wasm\//, `${folder}/wasm/`),
      external: true,
    }));
  },
});

function bundle(folder, options) {
  return esbuild.build({
    bundle: true,
    minify: true,
    keepNames: true, // a console shows Dense, not m; costs 2 kB gzip
    sourcemap: true,
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [variantsStayOutside(folder)],
    ...options,
  });
}

async function packTypeScript() {
  // Chunks have a hash in their name, and would pile up.
  for (const name of readdirSync('dist').filter((name) => /\.js(\.map)?$/.test(name))) {
    rmSync(`dist/${name}`);
  }
  run('node_modules/.bin/tsc', '-p', 'tsconfig.build.json');
  await bundle('.', {
    entryPoints: {
      index: 'web/src/index.ts',
      external: 'web/src/external.ts',
      'worker-client': 'web/src/worker/index.ts',
      // Scripts of workers, which the others name by these names.
      worker: 'web/src/worker/worker.ts',
      thread: 'web/src/runtime/thread.ts',
    },
    chunkNames: '[name]-[hash]',
    outdir: 'dist',
    format: 'esm',
    splitting: true,
  });
  // For `require`: Node's CommonJS, which imports the variants' modules like anyone.
  await bundle('..', {
    entryPoints: ['web/src/index.ts'],
    outfile: 'dist/cjs/index.js',
    format: 'cjs',
    platform: 'node',
    banner: {
      js: `const here = require('node:url').pathToFileURL(__dirname + '/../index.js').href;`,
    },
    define: { 'import.meta.url': 'here' },
  });
  writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n');
  cpSync('dist/types', 'dist/cjs', {
    recursive: true,
    filter: (path) => !path.endsWith('.tsbuildinfo'),
  });
  // For a script tag: `window.lamella`.
  await bundle('.', {
    entryPoints: ['web/src/script-tag.ts'],
    outfile: 'dist/lamella.iife.js',
    format: 'iife',
    globalName: 'lamella',
    banner: { js: 'var lamella=(()=>{const here=document.currentScript.src;' },
    footer: { js: 'return lamella})();' },
    define: { 'import.meta.url': 'here' },
  });
}

async function build() {
  mkdirSync('dist/wasm', { recursive: true });
  for (const variant of variants) {
    console.log(`build: engine, variant ${variant}`);
    packVariant(variant);
  }
  console.log('build: TypeScript');
  await packTypeScript();
  writeIntegrity();
}

const [preset, target] = process.argv.slice(2);
if (preset === undefined) await build();
else compile(preset, target);
