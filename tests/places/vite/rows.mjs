import { browseDist, browsePage } from '../bundled.mjs';
import { assertFound } from '../tools.mjs';

const write = "`import … from 'lamella'`, `'lamella/worker'`";
const ownWorker =
  "`worker: { format: 'es' }` in the configuration, and `serve` of `lamella/worker`";
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
  {
    where: "Vite, build, a worker of one's own",
    package: 'vite',
    write: ownWorker,
    check: async (tools) => {
      await tools.run('vite', 'build', '--config', 'own.config.js', '--logLevel', 'error');
      const { url } = await tools.host('own');
      assertFound(await tools.browse(`${url}/own.html`));
    },
  },
];
