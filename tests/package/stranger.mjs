// A stranger's machine: an empty folder with the packed package in it, and a plain static server.
import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { promisify } from 'node:util';

export const root = join(import.meta.dirname, '../..');

/** Runs a program of this repository's node_modules, or any other; gives what it prints. */
export async function run(folder, program, ...parameters) {
  const own = join(root, 'node_modules/.bin', program);
  const known = await readdir(join(root, 'node_modules/.bin'));
  try {
    const { stdout } = await promisify(execFile)(
      known.includes(program) ? own : program,
      parameters,
      {
        cwd: folder,
        env: { ...process.env, NODE_OPTIONS: '' },
        maxBuffer: 2 ** 26,
      },
    );
    return stdout;
  } catch (error) {
    throw new Error(`${program} ${parameters.join(' ')}: ${error.message}\n${error.stdout}`, {
      cause: error,
    });
  }
}

/** Packs the package and installs it in an empty folder, beside the projects. */
export async function install() {
  const folder = await mkdtemp(join(tmpdir(), 'lamella-stranger-'));
  await run(root, 'npm', 'pack', '--silent', '--pack-destination', folder);
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  await run(
    folder,
    'npm',
    'install',
    '--silent',
    '--offline',
    '--no-audit',
    '--no-fund',
    `./${tarball}`,
  );
  await cp(join(root, 'tests/package/projects'), folder, { recursive: true });
  return {
    folder,
    tarball: join(folder, tarball),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Serves a folder with some headers: { url, requests, close }. */
export async function serve(folder, headers = {}) {
  const requests = [];
  const server = createServer(async ({ url }, response) => {
    const path = normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname));
    requests.push(path);
    try {
      const body = await readFile(join(folder, path));
      response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/plain', ...headers });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** Starts Vite's own server in a folder: { url, stop }. As a process: Jest's realm is not its own. */
export async function startVite(folder) {
  const child = spawn(
    join(root, 'node_modules/.bin/vite'),
    ['--host', '127.0.0.1', '--port', '0'],
    {
      cwd: folder,
      env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const url = await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part) => {
      text += part;
      const found = text.match(/http:\/\/127[\w.:]+\//);
      if (found) resolve(found[0]);
    });
    child.on('exit', () => reject(new Error(`vite ended: ${text}`)));
  });
  return { url, stop: () => child.kill() };
}
