import { copyFileSync } from 'node:fs';
import { rspack } from '@rspack/core';

rspack(
  {
    mode: 'production',
    context: import.meta.dirname,
    entry: './main.js',
    output: { filename: 'main.js' },
    performance: { hints: false },
  },
  (error, stats) => {
    if (error) throw error;
    if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
    copyFileSync('index.html', 'dist/index.html');
  },
);
