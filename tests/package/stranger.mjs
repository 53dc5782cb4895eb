// What a stranger does with the package: it is packed once and installed in empty folders outside
// the repository. Only the bundlers and the compiler come from here.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const root = join(import.meta.dirname, '../..');

const temporary = mkdtempSync(join(tmpdir(), 'lamella-package-'));

/** Removes everything that was made here. */
export function cleanUp() {
  rmSync(temporary, { recursive: true, force: true });
}

/** Runs a program; what it says is in the error when it fails. */
export async function run(program, parameters, cwd) {
  const env = { ...process.env, NODE_OPTIONS: '' };
  try {
    return (await promisify(execFile)(program, parameters, { cwd, env })).stdout;
  } catch (error) {
    throw new Error(`${error.message}\n${error.stdout}${error.stderr}`, { cause: error });
  }
}

/** Runs a tool of the repository. */
export const runTool = (name, parameters, cwd) =>
  run(join(root, 'node_modules/.bin', name), parameters, cwd);

async function pack() {
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', temporary], root);
  const file = readdirSync(temporary).find((name) => name.endsWith('.tgz'));
  return join(temporary, file);
}

let packed;

/** The tarball that would be published. */
export function tarball() {
  packed ??= pack();
  return packed;
}

/**
 * A copy of a project of projects/ in an empty folder, with the package installed.
 * @returns the folder.
 */
export async function install(project) {
  const file = await tarball();
  const folder = mkdtempSync(join(temporary, `${project}-`));
  cpSync(join(import.meta.dirname, 'projects', project), folder, { recursive: true });
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', file], folder);
  return folder;
}
