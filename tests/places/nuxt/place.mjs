import { checkSite } from '../site.mjs';

// The dev server takes modules from these folders alone.
const copyCheck = async ({ run }) => {
  for (const folder of ['app', 'server']) await run('cp', 'check.mjs', folder);
};
const write = "`import … from 'lamella'`, `'lamella/worker'`, in pages and on the server";
export const rows = [
  {
    where: 'Nuxt, build',
    package: 'nuxt',
    write,
    check: async (tools) => {
      await copyCheck(tools);
      await tools.run('nuxt', 'build');
      await checkSite(
        tools,
        await tools.start('env', 'PORT=21320', 'node', '.output/server/index.mjs'),
      );
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
