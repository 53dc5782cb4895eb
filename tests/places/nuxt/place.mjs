import { checkSite } from '../site.mjs';

// Nuxt's dev server looks for pages' modules in app/ alone.
const copyCheck = ({ run }) => run('cp', 'check.mjs', 'app/check.mjs');
const write = "`import … from 'lamella'`, `'lamella/worker'`, in pages and on the server";
export const rows = [
  {
    where: 'Nuxt, build',
    package: 'nuxt',
    write,
    check: async (tools) => {
      await copyCheck(tools);
      await tools.run('nuxt', 'build');
      await checkSite(tools, await tools.start('env', 'PORT=21320', 'node', '.output/server/index.mjs'));
    },
  },
  {
    where: 'Nuxt, dev server',
    package: 'nuxt',
    write,
    check: async (tools) => {
      await copyCheck(tools);
      await checkSite(tools, await tools.start('nuxt', 'dev', '--port', '21321', '--no-fork'));
    },
  },
];
