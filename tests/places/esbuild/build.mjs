import { copyFileSync } from 'node:fs';
import * as esbuild from 'esbuild';

await esbuild.build({
  entryPoints: ['main.js'],
  bundle: true,
  format: 'esm',
  splitting: true,
  outdir: 'dist',
  logLevel: 'error',
});
copyFileSync('index.html', 'dist/index.html');
