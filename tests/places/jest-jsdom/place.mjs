export const shared = 'jest';
export const rows = [
  {
    where: 'Jest with jsdom',
    package: 'jest-environment-jsdom',
    write: "`import … from 'lamella'`",
    check: ({ run }) => run('jest', '--env', 'jsdom', '--ci'),
  },
];
