import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assertFound } from '../tools.mjs';

/** Deno's own program: the npm package's script, which would link to it, is not run. */
async function program({ folder }) {
  const scope = join(folder, 'node_modules/@deno');
  return join(scope, (await readdir(scope))[0], 'deno');
}
const runs = (script) => async (tools) => {
  const text = await tools.run(
    await program(tools),
    'run',
    '-A',
    '--node-modules-dir=manual',
    script,
  );
  assertFound(JSON.parse(text.trim().split('\n').at(-1)));
};

export const shared = 'runtime';
export const rows = [
  { where: 'Deno', package: 'deno', write: "`import … from 'lamella'`", check: runs('main.mjs') },
  {
    where: 'Deno, `lamella/worker`',
    package: 'deno',
    write: "`import … from 'lamella/worker'`",
    check: runs('worker.mjs'),
  },
];
