import { strict as assert } from 'node:assert';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { assertFound } from '../tools.mjs';

const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
const withPolicy = (text) => ({ 'content-security-policy': text });
const anyOrigin = { 'access-control-allow-origin': '*' };

const browserVersion =
  (...names) =>
  async ({ versionOf }) =>
    (await Promise.all(names.map(versionOf))).join(', ');
const everywhere = ['chromium', 'firefox', 'webkit'];

/** Calls a function of module.html in each browser. */
const calls =
  (browsers, call, parameters = [], headers = {}, expected = assertFound) =>
  async ({ host, browse }) => {
    const { url } = await host('.', headers);
    for (const browser of browsers) {
      expected(await browse(`${url}/module.html`, { browser, call, parameters }));
    }
  };
const row = (where, browsers, write, check, note) => ({
  where,
  version: browserVersion(...browsers),
  write,
  check,
  note,
});

export const rows = [
  row(
    'page, module script',
    everywhere,
    "`import { init } from '…/lamella/dist/index.js'`",
    calls(everywhere, 'result'),
  ),
  row(
    'page, script tag',
    everywhere,
    '`<script src="…/lamella.iife.js">`',
    async ({ host, browse }) => {
      const { url } = await host();
      for (const browser of everywhere) {
        assertFound(await browse(`${url}/script-tag.html`, { browser }));
        assertFound(await browse(`${url}/other-encoding.html`, { browser }));
      }
    },
  ),
  row('page from `file:`, script tag', everywhere, 'the same', async ({ folder, browse }) => {
    for (const page of ['script-tag.html', 'other-encoding.html']) {
      const url = pathToFileURL(join(folder, page)).href;
      for (const browser of everywhere) assertFound(await browse(url, { browser }));
    }
  }),
  row(
    'page from `file:`, module script',
    ['chromium'],
    '',
    async ({ folder, browse }) => {
      const url = pathToFileURL(join(folder, 'module.html')).href;
      await assert.rejects(browse(url, { patience: 20 }), /blocked by CORS policy/);
    },
    "impossible: \"Access to script at 'file:…' from origin 'null' has been blocked by CORS policy\"",
  ),
  row(
    'strict CSP, with `lamella/worker`',
    everywhere,
    "`script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'`",
    async (tools) => {
      await calls(everywhere, 'result', [], withPolicy(policy))(tools);
      await calls(everywhere, 'inClient', [], withPolicy(policy))(tools);
    },
  ),
  row(
    'strict CSP, worker with 2 threads',
    ['chromium', 'firefox'],
    'the same, cross-origin isolated',
    async (tools) => {
      const headers = {
        ...withPolicy(policy),
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      };
      const check = calls(
        ['chromium', 'firefox'],
        'inClient',
        [{ threads: 2 }],
        headers,
        (found) => {
          assertFound(found);
          assert.equal(found.threads, 2, found.reason);
        },
      );
      await check(tools);
    },
  ),
  row(
    'CSP without `wasm-unsafe-eval`',
    everywhere,
    '',
    calls(everywhere, 'errorOfInit', [], withPolicy("script-src 'self'"), (message) =>
      assert.match(message, /^UnsupportedError: init: .*'wasm-unsafe-eval' in script-src/s),
    ),
    'impossible: UnsupportedError "no WebAssembly may be compiled here (…)"',
  ),
  row(
    'trusted types, with `lamella/worker`',
    ['chromium'],
    "`require-trusted-types-for 'script'; trusted-types lamella`",
    calls(
      ['chromium'],
      'inClient',
      [],
      withPolicy(`${policy}; require-trusted-types-for 'script'; trusted-types lamella`),
    ),
  ),
  row(
    'trusted types that do not name `lamella`',
    ['chromium'],
    '',
    calls(
      ['chromium'],
      'clientError',
      [],
      withPolicy(`${policy}; require-trusted-types-for 'script'; trusted-types other`),
      (message) => assert.match(message, /^StateError: createWorkerClient: .*trusted-types/s),
    ),
    'impossible: StateError that tells what to allow',
  ),
  row(
    'from another origin (CDN), with `lamella/worker`',
    everywhere,
    "`import … from 'https://…/dist/worker-client.js'`",
    async ({ host, browse }) => {
      const page = await host();
      const cdn = await host('.', anyOrigin);
      for (const browser of everywhere) {
        const url = `${page.url}/module.html?from=${cdn.url}/node_modules/lamella/dist`;
        assertFound(await browse(url, { browser }));
        assertFound(await browse(url, { browser, call: 'inClient' }));
      }
    },
  ),
  row(
    'from another origin, CSP without `worker-src blob:`',
    everywhere,
    '',
    async ({ host, browse }) => {
      const cdn = await host('.', anyOrigin);
      const page = await host(
        '.',
        withPolicy(
          `default-src 'self'; script-src 'self' 'wasm-unsafe-eval' ${cdn.url}; worker-src 'self'`,
        ),
      );
      for (const browser of everywhere) {
        const url = `${page.url}/module.html?from=${cdn.url}/node_modules/lamella/dist`;
        const message = await browse(url, { browser, call: 'clientError' });
        assert.match(
          message,
          /^StateError: createWorkerClient: .*host the package's dist\/worker.js/s,
        );
      }
    },
    'impossible: StateError that tells what to host or to allow',
  ),
  row(
    'classic worker, `importScripts`',
    everywhere,
    "`importScripts('…/lamella.iife.js')`",
    calls(everywhere, 'inWorker', ['./classic-worker.js', 'classic']),
  ),
  row(
    'service worker, module',
    ['chromium'],
    "`import { init } from 'lamella/static'`",
    calls(['chromium'], 'inServiceWorker', ['./static-worker.js', 'module']),
  ),
  row(
    'service worker, module, `lamella`',
    ['chromium'],
    '',
    async ({ host, browse }) => {
      const { url } = await host();
      await assert.rejects(
        browse(`${url}/module.html`, {
          call: 'inServiceWorker',
          parameters: ['./default-worker.js', 'module'],
        }),
        /UnsupportedError: init: there is no import\(\) here .*lamella\/static/,
      );
    },
    "impossible: UnsupportedError that points to 'lamella/static'",
  ),
  row(
    'service worker, classic',
    ['chromium', 'firefox'],
    "`importScripts('…/lamella.iife.js')`",
    calls(['chromium', 'firefox'], 'inServiceWorker', ['./classic-worker.js', 'classic']),
  ),
  row(
    'shared worker, module and classic',
    ['chromium', 'firefox'],
    "`import { init } from 'lamella'`, or `importScripts`",
    async (tools) => {
      await calls(['chromium', 'firefox'], 'inSharedWorker', ['./default-worker.js', 'module'])(
        tools,
      );
      await calls(['chromium', 'firefox'], 'inSharedWorker', ['./classic-worker.js', 'classic'])(
        tools,
      );
    },
  ),
  row(
    'audio worklet',
    everywhere,
    "`import { init } from 'lamella/static'`",
    calls(everywhere, 'inWorklet', ['static']),
  ),
  row(
    'audio worklet, compiled module',
    ['chromium', 'firefox'],
    '`init({ module })` of `lamella/module`, sent as `processorOptions`',
    calls(['chromium', 'firefox'], 'inWorklet', ['module']),
  ),
  row(
    'sandboxed frame, script tag',
    everywhere,
    '`<script src="…/lamella.iife.js">`',
    calls(everywhere, 'inFrame', ['./script-tag.html', 'result']),
  ),
  row(
    'sandboxed frame, modules and `lamella/worker`',
    everywhere,
    'a server that sends `Access-Control-Allow-Origin: *`',
    async (tools) => {
      await calls(everywhere, 'inFrame', ['./frame.html', 'result'], anyOrigin)(tools);
      await calls(everywhere, 'inFrame', ['./frame.html', 'inClient'], anyOrigin)(tools);
    },
  ),
];
