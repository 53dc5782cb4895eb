import { browseDist, browsePage } from '../bundled.mjs';

const write = "`import … from 'lamella'`, `'lamella/worker'`";
export const rows = [
  {
    where: 'Vite, build',
    package: 'vite',
    write,
    check: async (tools) => {
      await tools.run('vite', 'build', '--base', './', '--logLevel', 'error');
      await browseDist(tools);
    },
  },
  {
    where: 'Vite, dev server',
    package: 'vite',
    write,
    check: async (tools) => browsePage(tools, await tools.start('vite', '--port', '0')),
  },
];
