import { copyFileSync } from 'node:fs';
import nodeResolve from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';

const bundle = await rollup({
  input: 'main.js',
  plugins: [nodeResolve()],
  onwarn: (warning) => {
    throw new Error(warning.message);
  },
});
await bundle.write({ dir: 'dist', format: 'es' });
copyFileSync('index.html', 'dist/index.html');
