// Bundles the page into build/bench.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const folder = import.meta.dirname;
export const bundleFolder = join(folder, '../../build/bench');

export async function bundle() {
  rmSync(bundleFolder, { recursive: true, force: true });
  await build({
    entryPoints: [join(folder, 'page.mjs'), join(folder, 'frame.mjs')],
    outdir: bundleFolder,
    ...{ bundle: true, splitting: true, format: 'esm', minify: true },
    target: 'es2023',
    logLevel: 'error',
    // Peers look for Node's modules, in branches that pages do not take.
    external: ['node:*', 'fs', 'path', 'util', 'crypto', 'worker_threads', 'perf_hooks', 'os'],
  });
}
