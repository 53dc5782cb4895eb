// npm run test:places [-- NAME …]: the packed package in every place where JavaScript runs, each a folder
// beside this file with the smallest project of its tool. Prints the table of docs/guides/install.md.
// With --installed: only places that need no packages but the repository's own; counts for npm test.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root, run } from '../package/stranger.mjs';
import { closeBrowsers, createTools } from './tools.mjs';

const { values, positionals } = parseArgs({
  options: { installed: { type: 'boolean', default: false }, report: { type: 'string' } },
  allowPositionals: true,
});
// Outside the repository, whose tsconfig.json and lock file some tools would take for the project's. By
// the clone's path, so that what is installed stays for the next time.
const clone = createHash('sha256').update(root).digest('hex').slice(0, 8);
const work = join(tmpdir(), `lamella-places-${clone}`);

/** Packs the package: the path of what `npm pack` ships, unpacked. */
async function unpackLamella() {
  const folder = join(work, 'lamella');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const tarball = (await run(root, 'npm', 'pack', '--silent', '--pack-destination', folder)).trim();
  await run(folder, 'tar', '-xf', tarball);
  return join(folder, 'package');
}

/** Copies a place's project, installs what its lock file says, unless that is there, and lamella. */
async function prepare(name, lamella) {
  const source = join(import.meta.dirname, name);
  const folder = join(work, name);
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(folder)) {
    if (file !== 'node_modules') await rm(join(folder, file), { recursive: true });
  }
  const { shared } = await import(join(source, 'place.mjs'));
  if (shared) await cp(join(import.meta.dirname, shared), folder, { recursive: true });
  await cp(source, folder, { recursive: true });
  await cp(join(root, 'tests/package/projects/check.mjs'), join(folder, 'check.mjs'));
  const lock = join(folder, 'package-lock.json');
  if (existsSync(lock)) {
    const stamp = join(folder, 'node_modules/.lock');
    const wanted = await readFile(lock, 'utf8');
    if (!existsSync(stamp) || (await readFile(stamp, 'utf8')) !== wanted) {
      await run(
        folder,
        'npm',
        'ci',
        '--silent',
        '--prefer-offline',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
      );
      await writeFile(stamp, wanted);
    }
  }
  const modules = join(folder, 'node_modules');
  if (!existsSync(lock)) {
    // The repository's own packages.
    await rm(modules, { recursive: true, force: true });
    await mkdir(modules);
    for (const entry of await readdir(join(root, 'node_modules'))) {
      await symlink(join(root, 'node_modules', entry), join(modules, entry));
    }
  }
  const installed = join(modules, 'lamella');
  // Dev servers keep what they have made of the package of the time before.
  for (const old of [installed, join(modules, '.vite'), join(modules, '.cache')]) {
    await rm(old, { recursive: true, force: true });
  }
  await cp(lamella, installed, { recursive: true });
  return folder;
}

/** Version of an installed package; of Node without a name. */
async function versionOf(folder, name) {
  if (name === undefined) return process.versions.node;
  const own = join(folder, 'node_modules', name, 'package.json');
  const path = existsSync(own) ? own : join(root, 'node_modules', name, 'package.json');
  return JSON.parse(await readFile(path, 'utf8')).version;
}

const names = (await readdir(import.meta.dirname, { withFileTypes: true }))
  .filter(
    (entry) =>
      entry.isDirectory() && (positionals.length === 0 || positionals.includes(entry.name)),
  )
  .map(({ name }) => name);
const lamella = await unpackLamella();
const table = [];
let failed = 0;
for (const name of names) {
  const place = join(import.meta.dirname, name, 'place.mjs');
  if (!existsSync(place)) continue;
  if (values.installed && existsSync(join(import.meta.dirname, name, 'package-lock.json')))
    continue;
  const { rows } = await import(place);
  let folder;
  try {
    folder = await prepare(name, lamella);
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}: could not be set up: ${error.message.slice(0, 2000)}`);
    continue;
  }
  for (const { where, package: tool, version, write, note = 'works', check } of rows) {
    const tools = createTools(folder);
    const start = performance.now();
    let result = note;
    try {
      await check(tools);
    } catch (error) {
      failed++;
      result = `FAILED: ${error.message.slice(0, 1500)}`;
    }
    await tools.close();
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const shown = version ? await version(tools) : await versionOf(folder, tool);
    console.log(`${name}: ${where} ${shown}: ${result} (${seconds} s)`);
    table.push(`| ${where} | ${shown} | ${write} | ${result} |`);
  }
}
await closeBrowsers();
console.log('\n| where | version | what to write | result |\n| --- | --- | --- | --- |');
console.log(`${table.join('\n')}\n\n${table.length - failed} passed, ${failed} failed`);
if (values.report) {
  await writeFile(values.report, JSON.stringify({ passed: table.length - failed, failed }));
}
process.exitCode = failed === 0 ? 0 : 1;
