import { checkSite } from '../site.mjs';

const write = "`import … from 'lamella'`, `'lamella/worker'`, in pages and on the server";
export const rows = [
  {
    where: 'SvelteKit, build (adapter-node)',
    package: '@sveltejs/kit',
    write,
    check: async (tools) => {
      await tools.run('vite', 'build');
      await checkSite(tools, await tools.start('env', 'PORT=21340', 'node', 'build'));
    },
  },
  {
    where: 'SvelteKit, dev server',
    package: '@sveltejs/kit',
    write,
    check: async (tools) => checkSite(tools, await tools.start('vite', 'dev', '--port', '21341')),
  },
];
