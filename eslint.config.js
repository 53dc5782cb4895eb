import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores([
    'build/',
    'data/',
    'dist/',
    'demo/dist/',
    'web/src/wasm/*.js',
    'web/src/wasm/engine.d.ts',
    '.toolchain/',
  ]),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Numbers in messages are what most messages are for.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: globals.node },
  },
  {
    files: [
      'tests/package/projects/{pages,bundled,worker-page}/*.js',
      'tests/places/{page,pages,cloudflare}/*.js',
      'demo/service-worker.js',
      'scripts/site.js',
    ],
    languageOptions: { globals: { ...globals.browser, ...globals.worker } },
  },
  {
    files: ['tests/places/next/**/*.js'],
    languageOptions: { parserOptions: { ecmaFeatures: { jsx: true } }, globals: globals.browser },
  },
  {
    files: ['tests/places/jest/*.js'],
    languageOptions: { sourceType: 'commonjs', globals: { ...globals.node, ...globals.jest } },
  },
);
