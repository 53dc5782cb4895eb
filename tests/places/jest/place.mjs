export const rows = [
  {
    where: 'Jest, default mode',
    package: 'jest',
    write: "`import … from 'lamella'`, which Jest makes `require`",
    check: ({ run }) => run('jest', '--rootDir', '.', '--ci'),
  },
];
