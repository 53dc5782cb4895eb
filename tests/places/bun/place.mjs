import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assertFound } from '../tools.mjs';

/** Bun's own program: the npm package's script, which would link to it, is not run. */
async function program({ folder }) {
  const scope = join(folder, 'node_modules/@oven');
  return join(scope, (await readdir(scope))[0], 'bin/bun');
}
const runs = (script) => async (tools) => {
  const text = await tools.run(await program(tools), script);
  assertFound(JSON.parse(text.trim().split('\n').at(-1)));
};

export const shared = 'runtime';
export const rows = [
  { where: 'Bun', package: 'bun', write: "`import … from 'lamella'`", check: runs('main.mjs') },
  {
    where: 'Bun, `lamella/worker`',
    package: 'bun',
    write: "`import … from 'lamella/worker'`",
    check: runs('worker.mjs'),
  },
  {
    where: 'Bun, CommonJS',
    package: 'bun',
    write: "`require('lamella')`",
    check: runs('main.cjs'),
  },
];
