// One project a folder; scripts/test.mjs runs them one at a time, on the built package.
const project = (name) => ({
  displayName: name,
  testMatch: [`<rootDir>/tests/${name}/**/*.test.{ts,mjs}`],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/tests/typescript.js' },
  moduleNameMapper: {
    '^lamella$': '<rootDir>/dist/index.js',
    '^lamella/data$': '<rootDir>/dist/data.js',
    '^lamella/images$': '<rootDir>/dist/images.js',
    '^lamella/graph$': '<rootDir>/dist/graph.js',
    '^lamella/worker$': '<rootDir>/dist/worker-client.js',
    // TypeScript's names of its files: './support.js' is support.ts.
    '^(\\.{1,2}/(?:support|archive|augmentations|networks|random-graphs|use-client))\\.js$': '$1',
  },
});

// Modules that need no engine are tested on their sources, so that no build is waited for.
const source = {
  ...project('source'),
  moduleNameMapper: { '^(\\.{1,2}/.*web/src/.*|\\.{1,2}/(?!.*node_modules).*)\\.js$': '$1' },
};

export default {
  projects: [source, ...['web', 'examples', 'browser', 'package'].map(project)],
  testTimeout: 60_000,
};
