import { strict as assert } from 'node:assert';
import { assertFound } from '../tools.mjs';

export const rows = [
  {
    where: 'Cloudflare Workers (workerd, by miniflare)',
    package: 'miniflare',
    write:
      "`import module from 'lamella/dist/lamella.simd.wasm'; init({ module })` of `lamella/module`",
    check: async ({ run }) => {
      assertFound(JSON.parse(await run('node', 'run.mjs', 'module-worker.js')));
    },
  },
  {
    where: 'Cloudflare Workers, `lamella`',
    package: 'miniflare',
    write: '',
    check: async ({ run }) => {
      const { error } = JSON.parse(await run('node', 'run.mjs', 'default-worker.js'));
      assert.match(
        error,
        /^UnsupportedError: init: no WebAssembly may be compiled here .*lamella\/module/,
      );
    },
    note: 'impossible: UnsupportedError "no WebAssembly may be compiled here (…)", which points to `lamella/module`',
  },
];
