import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['build/', 'data/', 'dist/', 'demo/dist/', '.toolchain/']),
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
    // What Emscripten knows where it puts the glue code together.
    files: ['cpp/bindings/*.js'],
    rules: {
      // Emscripten counts parameters, and instantiate.js is for what comes after it.
      'no-unused-vars': ['error', { args: 'none', varsIgnorePattern: '^WebAssembly$' }],
    },
    languageOptions: {
      globals: Object.fromEntries(
        [
          'EngineHandle',
          'HEAPF64',
          'HEAPU32',
          'HEAPU8',
          'Module',
          'TextEncoder',
          'UTF8Decoder',
          'UTF8ToString',
          '_free',
          '_malloc',
          'adapterMethods',
          'adapters',
          'addToLibrary',
          'allocate',
          'blocks',
          'bytesFrom',
          'bytesTo',
          'getWasmTableEntry',
          'numbersOf',
          'stackRestore',
          'stackSave',
          'typesById',
          'wireTypes',
          'wordsTo',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['tests/package/projects/{pages,bundled,worker-page}/*.js', 'demo/service-worker.js'],
    languageOptions: { globals: { ...globals.browser, ...globals.worker } },
  },
);
