// npm run build: the engine's variants and the TypeScript package -> dist/. Does only what is stale.
// node scripts/build.mjs PRESET TARGET: one target of one CMake preset.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

process.chdir(join(import.meta.dirname, '..'));
process.loadEnvFile('.toolchain/env');

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

function writeIfChanged(path, text) {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
}

/** The engine inline: works in every bundler, from a CDN and in Node with no configuration. */
function packVariant(variant) {
  compile(variant, 'lamella_module');
  const wasm = readFileSync(`build/${variant}/lamella.wasm`);
  copyFileSync(`build/${variant}/lamella.mjs`, `dist/wasm/${variant}.glue.js`);
  copyFileSync(`web/src/wasm/${variant}.d.ts`, `dist/wasm/${variant}.d.ts`);
  writeIfChanged(
    `dist/wasm/${variant}.js`,
    `export { default as createModule } from './${variant}.glue.js';\n` +
      `export const wasmBase64 = '${wasm.toString('base64')}';\n`,
  );
}

/** What an earlier build left of sources that are gone. */
function removeStale() {
  for (const file of readdirSync('dist', { recursive: true })) {
    const source = file.match(/^(?!wasm\b)(.*?)(\.d\.ts|\.js|\.js\.map)$/)?.[1];
    if (source && !existsSync(`web/src/${source}.ts`)) rmSync(join('dist', file));
  }
}

function build() {
  mkdirSync('dist/wasm', { recursive: true });
  for (const variant of ['simd', 'relaxed']) {
    console.log(`build: engine, variant ${variant}`);
    packVariant(variant);
  }
  console.log('build: TypeScript');
  run('node_modules/.bin/tsc', '-p', 'tsconfig.build.json');
  removeStale();
}

const [preset, target] = process.argv.slice(2);
if (preset === undefined) build();
else compile(preset, target);
