import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vite';
import { writeDataFiles } from './data-files.js';

const data = join(import.meta.dirname, '../data');

const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'),
) as { version: string };

export default defineConfig({
  root: import.meta.dirname,
  // The built page works under any path of any static host.
  base: './',
  publicDir: join(data, 'demo'),
  define: {
    __DATASETS__: JSON.stringify(await writeDataFiles(data, join(data, 'demo'))),
    __VERSION__: JSON.stringify(version),
  },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    outDir: join(import.meta.dirname, 'dist'),
    emptyOutDir: true,
    // The engine is one chunk with its WebAssembly inside.
    chunkSizeWarningLimit: 600,
  },
});
