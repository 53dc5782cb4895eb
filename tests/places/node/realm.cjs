// As Jest's default mode runs a test: `import()` rejects here.
const { createRequire } = require('node:module');
const { readFileSync } = require('node:fs');
const vm = require('node:vm');

const path = require.resolve('lamella');
const module_ = { exports: {} };
const wrapper = vm.runInThisContext(
  `(function (exports, require, module, __filename, __dirname) {${readFileSync(path, 'utf8')}\n})`,
  { filename: path },
);
wrapper(module_.exports, createRequire(path), module_, path, require('node:path').dirname(path));

import('./check.mjs').then(async ({ check }) => {
  globalThis.console.log(JSON.stringify(await check(module_.exports)));
});
