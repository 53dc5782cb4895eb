// The packed package in pages: bundled by each bundler, by a script tag, under a strict
// content-security policy, with and without cross-origin isolation; in three browsers.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { launch } from '../../bench/browser/engines.mjs';
import nodeResolve from '@rollup/plugin-node-resolve';
import * as esbuild from 'esbuild';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { rollup } from 'rollup';
import webpack from 'webpack';
import { install, run, serve, startVite } from './stranger.mjs';

const policy = {
  'content-security-policy':
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'",
};
const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

let stranger;

beforeAll(async () => {
  stranger = await install();
});

afterAll(() => stranger.remove());

/** Opens a page of a folder and calls functions of it by name: { call, engine, requests }. */
async function visit(browser, folder, path, headers, body) {
  const server = await serve(folder, headers);
  try {
    const page = await launch(browser, `${server.url}${path}`);
    try {
      await body({
        engine: page.name,
        requests: server.requests,
        call: async (name, ...parameters) => {
          const result = await page.evaluate(name, ...parameters);
          if (result?.error) throw new Error(result.error);
          return result;
        },
      });
    } finally {
      await page.close();
    }
  } finally {
    await server.close();
  }
}

function expectFound(result) {
  expect(result.prediction).toBeCloseTo(11, 3);
  return result;
}

const bundlers = {
  esbuild: (source, out) =>
    esbuild.build({
      entryPoints: [join(source, 'main.js')],
      bundle: true,
      format: 'esm',
      splitting: true,
      outdir: out,
      logLevel: 'error',
    }),
  rollup: async (source, out) => {
    const bundle = await rollup({
      input: join(source, 'main.js'),
      plugins: [nodeResolve()],
      onwarn: (warning) => {
        throw new Error(warning.message);
      },
    });
    await bundle.write({ dir: out, format: 'es' });
  },
  'webpack 5': (source, out) =>
    new Promise((resolve, reject) => {
      webpack(
        {
          mode: 'production',
          context: source,
          entry: './main.js',
          output: { path: out, filename: 'main.js' },
          // By default webpack warns of files above 250 kB, as the engines of lamella/graph are.
          performance: { maxAssetSize: 300_000 },
        },
        (error, stats) => {
          if (error) reject(error);
          else if (stats.hasErrors() || stats.hasWarnings()) reject(new Error(stats.toString()));
          else resolve();
        },
      );
    }),
  'vite build': (source, out) =>
    run(source, 'vite', 'build', '--base', './', '--outDir', out, '--logLevel', 'error'),
};

describe('bundled by', () => {
  test.each(Object.entries(bundlers))('%s', async (name, bundle) => {
    const out = join(stranger.folder, 'out', name.replace(' ', '-'));
    await mkdir(out, { recursive: true });
    await bundle(join(stranger.folder, 'bundled'), out);
    if (name !== 'vite build') {
      await cp(join(stranger.folder, 'bundled/index.html'), join(out, 'index.html'));
    }
    await visit('chromium', out, '/index.html', {}, async ({ call, requests }) => {
      expect(expectFound(await call('result')).variant).toBe('relaxed');
      expectFound(await call('withOthers'));
      // One visitor, one engine.
      const engines = new Set(requests.filter((path) => /relaxed|simd|threads/.test(path)));
      expect([...engines].filter((path) => /simd|threads/.test(path))).toEqual([]);
    });
    // Its engine is another, which a page has in the place of lamella's.
    await visit('chromium', out, '/index.html', {}, async ({ call }) => {
      expectFound(await call('graph'));
    });
  });

  test('vite, while developing', async () => {
    const server = await startVite(join(stranger.folder, 'bundled'));
    const page = await launch('chromium', server.url);
    try {
      expectFound(await page.evaluate('result'));
    } finally {
      await page.close();
      server.stop();
    }
  });

  // The worker client: those that follow `new Worker(new URL(…), …)`.
  test.each(['webpack 5', 'vite build'])('%s, with lamella/worker', async (name) => {
    const out = join(stranger.folder, 'out', `worker-${name.replace(' ', '-')}`);
    await bundlers[name](join(stranger.folder, 'worker-page'), out);
    if (name !== 'vite build') {
      await cp(join(stranger.folder, 'worker-page/index.html'), join(out, 'index.html'));
    }
    await visit('chromium', out, '/index.html', policy, async ({ call }) => {
      expect((await call('result')).prediction).toBeCloseTo(11, 3);
    });
  });
});

// WebKitGTK has no relaxed SIMD, and its workers cannot hand shared memory on.
const browsers = [
  { browser: 'chromium', variant: 'relaxed', withThreads: 'relaxed-threads' },
  { browser: 'firefox', variant: 'relaxed', withThreads: 'relaxed-threads' },
  { browser: 'webkit', variant: 'simd', withThreads: 'simd' },
];

describe.each(browsers)('$browser', ({ browser, variant, withThreads }) => {
  test('a script tag', async () => {
    await visit(browser, stranger.folder, '/pages/script-tag.html', {}, async (page) => {
      expect(await page.call('errorOf', { variant: 'relaxed' })).toMatch(
        /^UnsupportedError: init: .*'simd' alone, got 'relaxed'.*dist\/index\.js/,
      );
      const { threads, reason } = expectFound(await page.call('result', { threads: 2 }));
      expect([threads, reason]).toEqual([1, expect.stringContaining('one thread')]);
      const fetched = page.requests.filter((path) => path.includes('/lamella/'));
      expect(fetched).toEqual(['/node_modules/lamella/dist/lamella.iife.js']);
    });
  });

  test('a strict content-security policy, in the page and in a worker', async () => {
    await visit(browser, stranger.folder, '/pages/module.html', policy, async (page) => {
      expectFound(await page.call('result'));
      expectFound(await page.call('external'));
      expectFound(await page.call('inClient'));
      expect(expectFound(await page.call('inWorker')).variant).toBe(variant);
      console.log(`strict policy: ${page.engine}, variant ${variant}`);
    });
  });

  test('trains to the same weights as Node, bit for bit', async () => {
    const program = `import * as lamella from 'lamella';
      import { trainedWeights } from './same-bits.mjs';
      console.log(await trainedWeights(lamella));`;
    const inNode = await run(
      stranger.folder,
      process.execPath,
      '--input-type=module',
      '--eval',
      program,
    );
    expect(inNode).toMatch(/^[0-9a-f]{64}\s*$/);
    await visit(browser, stranger.folder, '/pages/same-bits.html', {}, async ({ call }) => {
      expect(await call('weights')).toEqual({ hash: inNode.trim() });
    });
  });

  test('without cross-origin isolation, threads fall back to one', async () => {
    await visit(browser, stranger.folder, '/pages/module.html', {}, async ({ call }) => {
      expect(await call('isolated')).toBe(false);
      expect(expectFound(await call('inWorker', { threads: 2 })).threads).toBe(1);
    });
  });

  test('with cross-origin isolation, threads run in a worker, and one on the page', async () => {
    const headers = { ...isolation, ...policy };
    await visit(browser, stranger.folder, '/pages/module.html', headers, async (page) => {
      expect(await page.call('isolated')).toBe(true);
      const found = expectFound(await page.call('inWorker', { threads: 2 }));
      expect(found.variant).toBe(withThreads);
      expect(found.threads).toBe(withThreads === variant ? 1 : 2);
      if (found.threads === 1) expect(found.reason).toContain('others did not start');
      expect(expectFound(await page.call('result', { threads: 2 })).threads).toBe(1);
      console.log(`${found.threads} threads: ${page.engine}, variant ${found.variant}`);
    });
  });
});
