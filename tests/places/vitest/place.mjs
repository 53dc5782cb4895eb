export const rows = ['node', 'jsdom', 'happy-dom'].map((environment) => ({
  where: `vitest, environment ${environment}`,
  package: 'vitest',
  write: "`import … from 'lamella'`",
  check: ({ run }) => run('vitest', 'run', '--environment', environment),
}));
