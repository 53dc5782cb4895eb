// The engine's variants in C++ -> dist/ and web/src/wasm/, for scripts/build.mjs.
// node scripts/engine.mjs PRESET TARGET: one target of one CMake preset.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import * as esbuild from 'esbuild';

process.chdir(join(import.meta.dirname, '..'));
process.loadEnvFile('.toolchain/env');
process.env.EM_CLOSURE_COMPILER = join(process.cwd(), 'node_modules/.bin/google-closure-compiler');
// As npm does it: Emscripten calls tsc.
process.env.PATH = [join(process.cwd(), 'node_modules/.bin'), process.env.PATH].join(delimiter);

const variants = ['simd', 'relaxed', 'threads', 'relaxed-threads'];

/** Runs a program, and shows what it says only when it fails. */
export function run(program, ...parameters) {
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
export async function writeText(file, text) {
  const { code } = await esbuild.transform(text, {
    loader: 'text',
    format: 'esm',
    sourcemap: 'inline',
    sourcesContent: false,
    sourcefile: file,
  });
  writeFileSync(`web/src/wasm/${file}.js`, code);
}

/** Writes the bytes of a variant's engine, or of another module, as a module for the bundles. */
export function writeBytes(name, wasm) {
  // A character for each byte (base64 is 14 kB of brotli more). With these bits turned, as bytes-of.ts
  // turns them back, more of the bytes are one byte in UTF-8, 3.7 kB of brotli less.
  const characters = wasm.map((byte) => byte ^ 75).toString('latin1');
  // Ends of lines, which the commonest byte becomes, need no escape in a template, 0.5 kB of brotli less.
  // The tag keeps it one: of templates without tags minifiers make strings.
  const template = characters.replace(/[\\`\r]|\$(?=\{)/g, (character) =>
    character === '\r' ? '\\r' : `\\${character}`,
  );
  writeFileSync(
    `web/src/wasm/${name}.bytes.js`,
    `const whole = ([text]) => text;\nexport default whole\`${template}\`;\n`,
  );
}

/** Writes a variant's engines: each as a file, and as a module. */
function writeEngines(variant) {
  for (const [built, file, bytes] of [
    ['lamella', 'lamella', variant],
    ['lamella_graph', 'lamella-graph', `graph-${variant}`],
  ]) {
    const wasm = readFileSync(`build/${variant}/${built}.wasm`);
    writeFileSync(`dist/${file}.${variant}.wasm`, wasm);
    writeBytes(bytes, wasm);
  }
}

/**
 * Writes Emscripten's JavaScript of the variant with threads, which drives the others, too, and the engines with
 * graphs: their bindings may import nothing that it has not.
 */
async function writeGlue() {
  // init.ts hands it the compiled engine and its memory. So it looks for no file, and without these
  // names nothing is left of how it would do so in a page, a worker or Node: 0.4 kB of brotli.
  const names = ['window', 'importScripts', 'process', 'fetch', 'WebAssembly.instantiateStreaming'];
  const noNames = names.map((name) => [name, 'undefined']);
  const { code } = await esbuild.transform(readFileSync('build/threads/lamella.mjs', 'utf8'), {
    define: { 'import.meta.url': '"file:///"', ...Object.fromEntries(noNames) },
    minify: true,
  });
  writeFileSync('web/src/wasm/engine.glue.js', code);
}

/** Compiles every variant. */
export async function buildEngines() {
  for (const variant of variants) {
    console.log(`build: engine, variant ${variant}`);
    compile(variant, 'lamella_module');
    compile(variant, 'lamella_graph');
    writeEngines(variant);
  }
  await writeGlue();
  compile('simd', 'lamella_images');
  writeBytes('images', readFileSync('build/simd/lamella_images.wasm'));
  // Emscripten has written the types of all that cpp/bindings/ binds.
  copyFileSync('build/threads/lamella.d.ts', 'web/src/wasm/engine.d.ts');
}

if (basename(process.argv[1]) === 'engine.mjs') compile(...process.argv.slice(2));
