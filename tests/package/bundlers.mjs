// node bundlers.mjs BUNDLER FOLDER: bundles a folder's main.js into its dist/, with as little
// configuration as it takes. `vite-serve` serves the folder instead, and prints where. Programs of
// their own: Vite's native parts do not know the objects of Jest's realm.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { build as vite, createServer } from 'vite';
import webpack from 'webpack';

/** The page goes beside the bundle, where a bundler does not do that itself. */
const copyPage = (folder) => cpSync(join(folder, 'index.html'), join(folder, 'dist/index.html'));

const bundlers = {
  // Served under some path, as on many static hosts.
  vite: (root) => vite({ root, base: './', configFile: false, logLevel: 'error' }),

  'vite-serve': async (root) => {
    const server = await createServer({ root, configFile: false, logLevel: 'error' });
    await server.listen();
    console.log(server.resolvedUrls.local[0]);
  },

  webpack: async (context) => {
    const compiler = webpack({
      context,
      mode: 'production',
      entry: './main.js',
      output: { path: join(context, 'dist'), filename: 'main.js', publicPath: 'auto' },
      performance: { hints: false },
    });
    const stats = await new Promise((resolve, reject) =>
      compiler.run((error, result) => (error ? reject(error) : resolve(result))),
    );
    if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
    copyPage(context);
  },

  esbuild: async (folder) => {
    const { warnings } = await esbuild({
      absWorkingDir: folder,
      entryPoints: ['main.js'],
      outdir: 'dist',
      bundle: true,
      splitting: true,
      minify: true,
      format: 'esm',
      logLevel: 'silent',
    });
    if (warnings.length > 0) throw new Error(JSON.stringify(warnings));
    copyPage(folder);
  },

  rollup: async (folder) => {
    const bundle = await rollup({
      input: join(folder, 'main.js'),
      plugins: [nodeResolve()],
      onwarn: ({ message }) => {
        throw new Error(message);
      },
    });
    await bundle.write({ dir: join(folder, 'dist'), format: 'es' });
    await bundle.close();
    copyPage(folder);
  },
};

const [bundler, folder] = process.argv.slice(2);
await bundlers[bundler](folder);
