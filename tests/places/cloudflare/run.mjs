// Bundles a worker as wrangler does, runs it, and prints its answer.
import { readFileSync } from 'node:fs';
import * as esbuild from 'esbuild';
import { Miniflare } from 'miniflare';

const { outputFiles } = await esbuild.build({
  entryPoints: [process.argv[2]],
  bundle: true,
  format: 'esm',
  conditions: ['workerd', 'worker', 'browser'],
  external: ['*.wasm'],
  write: false,
  logLevel: 'error',
});
const miniflare = new Miniflare({
  modules: [
    { type: 'ESModule', path: 'worker.js', contents: outputFiles[0].text },
    {
      type: 'CompiledWasm',
      path: 'lamella/dist/lamella.simd.wasm',
      contents: readFileSync('node_modules/lamella/dist/lamella.simd.wasm'),
    },
  ],
  compatibilityDate: '2026-07-01',
});
const response = await miniflare.dispatchFetch('http://localhost/');
console.log(await response.text());
await miniflare.dispose();
