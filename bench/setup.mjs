// Sets up a run: the peers, a fresh build, and a Node to run in.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const bench = import.meta.dirname;
const root = join(bench, '..');

/** Runs a program, and shows what it says only when it fails. */
function run(what, folder, program, ...parameters) {
  const { status, error, stdout, stderr } = spawnSync(program, parameters, {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status === 0) return stdout;
  throw new Error(
    `${what} failed: ${[program, ...parameters].join(' ')}\n${error?.message ?? stdout + stderr}`,
  );
}

/** npm ci, unless what the lock file says is there. */
export function installPeers(progress) {
  const lock = join(bench, 'package-lock.json');
  const stamp = join(bench, 'node_modules/.package-lock.installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(lock, 'utf8')) return;
  progress('installing the peers');
  run('installing the peers', bench, 'npm', 'ci');
  copyFileSync(lock, stamp);
}

export function buildLamella(progress) {
  progress('building lamella');
  run('set-up', root, 'bash', 'scripts/setup.sh');
  run('the build', root, process.execPath, 'scripts/build.mjs');
}

/** The Node that set-up keeps, unless `choice` is a path or 'system'. */
export function chooseNode(choice) {
  const path = choice === 'system' ? process.execPath : (choice ?? currentNode());
  const version = run(
    'asking Node for its version',
    root,
    path,
    '-p',
    'process.versions.node',
  ).trim();
  // Relaxed SIMD has no flag any more from Node 22 on.
  const flags = parseInt(version) < 22 ? ['--experimental-wasm-relaxed-simd'] : [];
  return { path, version, flags };
}

function currentNode() {
  const env = join(root, '.toolchain/env');
  if (!existsSync(env)) throw new Error('not set up. Run: npm run setup');
  process.loadEnvFile(env);
  return process.env.LAMELLA_NODE ?? process.execPath;
}
