// Every function and class is called in each build as it is exported: consoles, stacks and messages show that.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import vm from 'node:vm';
import { expect, test } from '@jest/globals';

const dist = join(import.meta.dirname, '../../dist');

/** The exports of a build, each loaded as its users do. */
const builds = {
  'index.js': () => import('../../dist/index.js'),
  'data.js': () => import('../../dist/data.js'),
  'images.js': () => import('../../dist/images.js'),
  'external.js': () => import('../../dist/external.js'),
  'module.js': () => import('../../dist/module.js'),
  'static.js': () => import('../../dist/static.js'),
  'worker-client.js': () => import('../../dist/worker-client.js'),
  'cjs/index.js': () => createRequire(import.meta.url)(join(dist, 'cjs/index.js')),
  'cjs/images/index.js': () => createRequire(import.meta.url)(join(dist, 'cjs/images/index.js')),
  'cjs/data/index.js': () => createRequire(import.meta.url)(join(dist, 'cjs/data/index.js')),
  'lamella.iife.js': () => {
    const context = vm.createContext({ FinalizationRegistry, performance, WebAssembly });
    vm.runInContext(readFileSync(join(dist, 'lamella.iife.js'), 'utf8'), context);
    return context.lamella;
  },
};

test.each(Object.keys(builds))('%s', async (build) => {
  const exported = Object.entries(await builds[build]());
  expect(exported.length).toBeGreaterThan(5);
  const isNamed = ([name, value]) => typeof value !== 'function' || value.name === name;
  expect(exported.filter((each) => !isNamed(each)).map(([name]) => name)).toEqual([]);
});
