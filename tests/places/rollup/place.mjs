import { browseDist } from '../bundled.mjs';

export const shared = 'page';
export const rows = [
  {
    where: 'Rollup, build',
    package: 'rollup',
    write: "`import … from 'lamella'`, `'lamella/worker'`",
    check: async (tools) => {
      await tools.run('node', 'build.mjs');
      await browseDist(tools);
    },
  },
];
