import { assertFound } from '../tools.mjs';

const write =
  "`import … from 'lamella'`, `'lamella/worker'` in scripts, `'lamella'` in frontmatter";
async function checkPage({ browse }, url) {
  for (const call of ['result', 'inClient', 'onServer']) assertFound(await browse(url, { call }));
}
export const rows = [
  {
    where: 'Astro, build',
    package: 'astro',
    write,
    check: async (tools) => {
      await tools.run('astro', 'build');
      const { url } = await tools.host('dist');
      await checkPage(tools, `${url}/index.html`);
    },
  },
  {
    where: 'Astro, dev server',
    package: 'astro',
    write,
    check: async (tools) => checkPage(tools, await tools.start('astro', 'dev', '--port', '21330')),
  },
];
