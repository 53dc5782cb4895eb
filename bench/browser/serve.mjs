// Serves the page to this machine only, cross-origin isolated, so that memory can be shared with
// threads and clocks are fine.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { bundleFolder } from './bundle.mjs';

const modules = join(import.meta.dirname, '../node_modules');
const folders = {
  '/assets/tfjs/': join(modules, '@tensorflow/tfjs-backend-wasm/dist'),
  '/assets/onnxruntime/': join(modules, 'onnxruntime-web/dist'),
  '/assets/litert/': join(modules, '@litertjs/core/wasm'),
  '/': bundleFolder,
};

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

const headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
};

function document(script) {
  return `<!doctype html><meta charset="utf-8"><title>bench</title><body><script type="module" src="/${script}"></script>`;
}

const documents = { '/': document('page.js'), '/frame.html': document('frame.js') };

function fileOf(pathname) {
  const [prefix, folder] = Object.entries(folders).find(([start]) => pathname.startsWith(start));
  const file = join(folder, normalize(`/${pathname.slice(prefix.length)}`));
  return existsSync(file) && statSync(file).isFile() ? file : undefined;
}

export async function serve() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const page = documents[pathname];
    const file = page ? undefined : fileOf(pathname);
    if (page) response.writeHead(200, { ...headers, 'content-type': types['.html'] }).end(page);
    else if (!file) response.writeHead(404, headers).end();
    else {
      const type = types[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { ...headers, 'content-type': type });
      createReadStream(file).pipe(response);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
