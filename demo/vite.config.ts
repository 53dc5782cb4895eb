import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { layerClasses } from 'lamella';
import { defineConfig, type Plugin } from 'vite';
import { writeDataFiles } from './data-files.js';

const data = join(import.meta.dirname, '../data');

const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'),
) as { version: string };

/** Adds the service worker, which knows the files of the build. */
const offline: Plugin = {
  name: 'offline',
  apply: 'build',
  // After the pages themselves are written: they count, too.
  generateBundle: {
    order: 'post',
    handler(_, bundle) {
      const source = readFileSync(join(import.meta.dirname, 'service-worker.js'), 'utf8');
      const names = Object.keys(bundle);
      const pages = names.filter((file) => file.endsWith('.html'));
      const files = names.filter((file) => !pages.includes(file));
      const hash = createHash('sha256').update(source);
      for (const file of Object.values(bundle)) {
        hash.update(file.type === 'chunk' ? file.code : file.source);
      }
      const version = hash.digest('hex').slice(0, 12);
      const list = (paths: readonly string[]) => JSON.stringify(paths.map((path) => `./${path}`));
      // The first page's address is that of its folder.
      const addresses = pages.map((page) => (page === 'index.html' ? '' : page));
      this.emitFile({
        type: 'asset',
        fileName: 'service-worker.js',
        source:
          `const PAGES = ${list(addresses)};\nconst FILES = ${list(files)};\n` +
          `const VERSION = '${version}';\n${source}`,
      });
    },
  },
};

export default defineConfig({
  root: import.meta.dirname,
  // The built page works under any path of any static host.
  base: './',
  publicDir: join(data, 'demo'),
  define: {
    __DATASETS__: JSON.stringify(await writeDataFiles(data, join(data, 'demo'))),
    __LAYER_TYPES__: JSON.stringify(layerClasses.map(({ type }) => type)),
    __VERSION__: JSON.stringify(version),
  },
  plugins: [offline],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    outDir: join(import.meta.dirname, 'dist'),
    emptyOutDir: true,
    // The engine is one chunk with its WebAssembly inside.
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      input: {
        index: join(import.meta.dirname, 'index.html'),
        teach: join(import.meta.dirname, 'teach.html'),
      },
    },
  },
});
