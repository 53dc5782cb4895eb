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
import { buildEngines, run } from './engine.mjs';
import { bundle } from './bundle.mjs';

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
