import { strict as assert } from 'node:assert';
import { assertFound } from '../tools.mjs';

const found = (text) => assertFound(JSON.parse(text.trim().split('\n').at(-1)));
const runs =
  (...parameters) =>
  async ({ run }) =>
    found(await run('node', ...parameters));

export const rows = [
  {
    where: 'Node, modules',
    write: '`import … from \'lamella\'` in a `.mjs` file, or with `"type": "module"`',
    check: runs('main.mjs'),
  },
  { where: 'Node, CommonJS', write: "`require('lamella')`", check: runs('main.cjs') },
  {
    where: 'Node, `import` in CommonJS',
    write: 'name the file `.mjs`, or set `"type": "module"`',
    check: async ({ run }) => {
      await assert.rejects(
        run('node', '--no-experimental-detect-module', 'commonjs.js'),
        /Cannot use import statement outside a module/,
      );
    },
    note: 'impossible: SyntaxError "Cannot use import statement outside a module"',
  },
  {
    where: 'Node, `lamella/worker`, also with threads',
    write: "`import … from 'lamella/worker'`",
    check: async ({ run }) => {
      assert.equal(found(await run('node', 'worker.mjs')).threads, 2);
      // As a bundler for servers leaves it behind.
      await run('rm', 'node_modules/lamella/dist/worker.js');
      assert.equal(found(await run('node', 'worker.mjs')).threads, 2);
    },
  },
  {
    where: 'Node, `lamella/static` and `lamella/module`',
    write: 'the same',
    check: async (tools) => {
      await runs('entries.mjs')(tools);
      await runs('errors.mjs')(tools);
    },
  },
  { where: '`node:vm`', write: "`require('lamella')`", check: runs('realm.cjs') },
  {
    where: '`node:vm`, `lamella` without a callback for `import()`',
    write: '',
    check: async ({ run }) => {
      const text = await run('node', '--experimental-vm-modules', '--no-warnings', 'no-import.mjs');
      const [main, shape, files] = text.split('\n');
      assert.match(main, /^UnsupportedError: init: there is no import\(\) here .*lamella\/static/);
      assert.equal(shape, '1,1');
      assert.match(
        files,
        /^UnsupportedError: files: there is no import\(\) here .*lamella\/static/,
      );
    },
    note: "impossible: UnsupportedError that points to 'lamella/static'",
  },
];
