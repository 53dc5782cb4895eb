import { checkSite } from '../site.mjs';

const write = "`import … from 'lamella'`, `'lamella/worker'`, in pages and on the server";
export const rows = [
  {
    where: 'Nuxt, build',
    package: 'nuxt',
    write,
    check: async (tools) => {
      await tools.run('nuxt', 'build');
      await checkSite(tools, await tools.start('env', 'PORT=21320', 'node', '.output/server/index.mjs'));
    },
  },
  {
    where: 'Nuxt, dev server',
    package: 'nuxt',
    write,
    check: async (tools) => checkSite(tools, await tools.start('nuxt', 'dev', '--port', '21321', '--no-fork')),
  },
];
