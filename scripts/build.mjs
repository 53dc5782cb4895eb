// npm run build: the engine's variants and the TypeScript package -> dist/. Does only what is stale.
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
import { basename, delimiter, dirname, join } from 'node:path';
import * as esbuild from 'esbuild';
import { minify } from 'terser';

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

/**
 * Bytes as a string literal that compresses as they do: base64 does not, and inflating in JavaScript
 * takes longer than compiling the engine. Of all sums, differences and exclusive ors of a byte and a
 * number, byte ^ 115 comes out smallest: it makes the most frequent bytes ASCII. The others are a
 * percent sign and the character whose code is 128 off, which is 1 kB gzip less than the two bytes
 * that UTF-8 has for them: the first of those varies.
 */
function toText(bytes) {
  const escapes = { '\0': '\\x00', '\n': '\\n', '\r': '\\r', '"': '\\"', '\\': '\\\\' };
  return Array.from(bytes, (byte) => {
    const code = byte ^ 115;
    const plain = code < 128 && code !== 37;
    const character = String.fromCharCode(plain ? code : code ^ 128);
    return (plain ? '' : '%') + (escapes[character] ?? character);
  }).join('');
}

/** One variant: its file, its glue code, and the module that holds both. */
async function packVariant(variant) {
  compile(variant, 'lamella_module');
  const wasm = readFileSync(`build/${variant}/lamella.wasm`);
  // Named exports: `default` of a module is what CommonJS interoperation stumbles over.
  const threads = variant.endsWith('threads')
    ? `export { startThreads } from './web/src/wasm/start-threads.ts';`
    : '';
  if (variant === 'threads')
    copyFileSync(`build/${variant}/lamella.d.ts`, 'web/src/wasm/engine.d.ts');
  // The glue code is given the compiled module, so it needs no address to find it by.
  await esbuild.build({
    entryPoints: [`build/${variant}/lamella.mjs`],
    outfile: `build/${variant}/glue.mjs`,
    define: { 'import.meta.url': '""' },
  });
  const { outputFiles } = await esbuild.build({
    stdin: {
      contents: `export { default as createModule } from './build/${variant}/glue.mjs';${threads}`,
      resolveDir: '.',
    },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
  });
  const { code } = await minify(outputFiles[0].text, {
    module: true,
    ecma: 2022,
    // Emscripten's code makes views and reads exports that nothing uses. None of it does anything by
    // being made or read, nor does what start-threads.ts makes but uses.
    compress: { passes: 3 },
  });
  writeFileSync(`dist/lamella.${variant}.wasm`, wasm);
  writeFileSync(`dist/wasm/${variant}.glue.js`, code);
  // With the glue code once more, which nobody downloads twice: one file loads faster than two.
  writeFileSync(`dist/wasm/${variant}.js`, `${code}export const wasm = "${toText(wasm)}";\n`);
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

/**
 * Files of the package that its other files import. Named here and not left to the bundler's code
 * splitting: of its many small chunks, Node takes 10 ms longer to load.
 */
const shared = {
  index: 'web/src/index.ts',
  formats: 'web/src/io/formats.ts',
  server: 'web/src/worker/server.ts',
};

/** Leaves files out of a bundle, which imports them from `folder`: these and the variants'. */
const stayOutside = (folder, files) => ({
  name: 'outside',
  setup: ({ onResolve }) => {
    const names = new RegExp(`/((?:${files.join('|')}|wasm/[\\w.-]+)\\.js)$`);
    onResolve({ filter: names }, ({ path, kind }) =>
      kind === 'entry-point'
        ? undefined
        : { path: `${folder}/${names.exec(path)[1]}`, external: true },
    );
  },
});

/** Takes `name.script-tag.ts` in the place of `name.ts` where there is one. */
const forScriptTag = {
  name: 'script-tag',
  setup: ({ onResolve, resolve }) => {
    onResolve({ filter: /\/load-formats\.js$/ }, ({ path, ...where }) =>
      resolve(path.replace(/\.js$/, '.script-tag.js'), where),
    );
  },
};

/**
 * Writes a bundle, smaller: than by esbuild's minifier by 2 kB gzip and 2 ms of start-up where names
 * of classes are to stay, so that a console shows Dense and not m.
 */
async function writeSmall(path, code, map, format) {
  const name = basename(path);
  // esbuild calls a class that names itself _Name inside. A space keeps the source map's columns.
  const selfNamed = Array.from(code.matchAll(/var (\w+) = class _\1\b/g), ([, name]) => name);
  const named = selfNamed.reduce(
    (text, name) => text.replace(new RegExp(`\\b_${name}\\b`, 'g'), `${name} `),
    code,
  );
  const small = await minify(named, {
    module: format === 'esm',
    ecma: 2022,
    // CommonJS names its exports in a branch that is never taken, for Node to find.
    compress: format !== 'cjs' && { passes: 3 },
    mangle: { reserved: Array.from(named.matchAll(/var (\w+) = class\b/g), ([, name]) => name) },
    sourceMap: { filename: name, content: map, url: `${name}.map` },
  });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, small.code);
  writeFileSync(`${path}.map`, small.map);
}

async function bundle(folder, outside, options) {
  const { outputFiles } = await esbuild.build({
    bundle: true,
    write: false,
    sourcemap: 'external',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
    ...options,
    plugins: [...(options.plugins ?? []), stayOutside(folder, outside)],
  });
  const texts = new Map(outputFiles.map(({ path, text }) => [path, text]));
  for (const [path, text] of texts) {
    if (path.endsWith('.js'))
      await writeSmall(path, text, texts.get(`${path}.map`), options.format);
  }
}

async function packTypeScript() {
  // What an earlier version of this script has written.
  for (const name of readdirSync('dist').filter((name) => /\.js(\.map)?$/.test(name))) {
    rmSync(`dist/${name}`);
  }
  run('node_modules/.bin/tsc', '-p', 'tsconfig.build.json');
  await bundle('.', Object.keys(shared), {
    entryPoints: {
      ...shared,
      external: 'web/src/external.ts',
      'worker-client': 'web/src/worker/index.ts',
    },
    outdir: 'dist',
    format: 'esm',
  });
  // Scripts of workers, which the others name by these names. All in one, as nobody else has use for
  // what a worker's thread has loaded.
  await bundle('.', ['formats'], {
    entryPoints: { worker: 'web/src/worker/worker.ts', thread: 'web/src/runtime/thread.ts' },
    outdir: 'dist',
    format: 'esm',
  });
  // For `require`: Node's CommonJS, which imports the variants' modules like anyone.
  await bundle('..', ['formats'], {
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
  await bundle('.', ['formats'], {
    entryPoints: ['web/src/script-tag.ts'],
    outfile: 'dist/lamella.iife.js',
    format: 'iife',
    globalName: 'lamella',
    plugins: [forScriptTag],
    banner: { js: 'var lamella=(()=>{const here=document.currentScript.src;' },
    footer: { js: 'return lamella})();' },
    define: { 'import.meta.url': 'here' },
  });
}

async function build() {
  mkdirSync('dist/wasm', { recursive: true });
  for (const variant of variants) {
    console.log(`build: engine, variant ${variant}`);
    await packVariant(variant);
  }
  console.log('build: TypeScript');
  await packTypeScript();
  writeIntegrity();
}

const [preset, target] = process.argv.slice(2);
if (preset === undefined) await build();
else compile(preset, target);
