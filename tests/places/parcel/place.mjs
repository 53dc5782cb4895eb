import { browseDist, browsePage } from '../bundled.mjs';

const write = "`import … from 'lamella'`, with `packageExports` of `@parcel/resolver-default` on";
export const shared = 'page';
export const rows = [
  {
    where: 'Parcel, build',
    package: 'parcel',
    write,
    check: async (tools) => {
      await tools.run('parcel', 'build', 'index.html', '--public-url', './', '--no-cache');
      await browseDist(tools);
    },
  },
  {
    where: 'Parcel, dev server',
    package: 'parcel',
    write,
    check: async (tools) =>
      browsePage(
        tools,
        await tools.start('parcel', 'serve', 'index.html', '--port', '21234', '--no-cache'),
      ),
  },
];
