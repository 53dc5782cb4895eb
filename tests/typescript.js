// Lets Jest run TypeScript: esbuild strips the types and lowers `using`.
import { transformSync } from 'esbuild';

export default {
  process(source, path) {
    return transformSync(source, {
      sourcefile: path,
      loader: 'ts',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
    });
  },
};
