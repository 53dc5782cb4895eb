// npm run judges [-- NAME…]: lets the Python programs of this folder write everything again, into a
// temporary folder, and fails if anything differs beyond its tolerance from what is committed.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const judges = import.meta.dirname;
const environment = join(root, '.toolchain/judges');
const python = join(environment, 'bin/python');
const LARGEST = 2 * 2 ** 20; // bytes of all that judges have written
const TOLERANCE = 1e-5; // of a file that says none; of 1, or of a greater number itself

function run(program, ...parameters) {
  const { status, error } = spawnSync(program, parameters, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')}: ${error ?? status}`);
}

/** A virtual environment that has what requirements.txt says, made anew when that changes. */
function prepare() {
  const requirements = join(judges, 'requirements.txt');
  const installed = join(environment, 'installed.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return;
  run(process.env.PYTHON ?? 'python3', '-m', 'venv', '--clear', environment);
  run(python, '-m', 'pip', 'install', '--quiet', '--requirement', requirements);
  writeFileSync(installed, wanted);
}

/** Adds to `found` where two values differ, and by how much. */
function compare(ours, theirs, tolerance, place, found) {
  if (typeof ours === 'number' && typeof theirs === 'number') {
    const difference = Math.abs(ours - theirs) / Math.max(1, Math.abs(ours));
    if (!(difference <= tolerance)) found.push(`${place}: ${ours} is now ${theirs}`);
    return difference;
  }
  if (typeof ours !== 'object' || typeof theirs !== 'object' || ours === null || theirs === null) {
    if (ours !== theirs) found.push(`${place}: ${ours} is now ${theirs}`);
    return 0;
  }
  const keys = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])];
  return keys.reduce(
    (most, key) =>
      Math.max(most, compare(ours[key], theirs[key], tolerance, `${place}/${key}`, found)),
    0,
  );
}

/** The files below a folder of fixtures. */
const filesIn = (folder) =>
  readdirSync(folder, { recursive: true }).filter((file) => statSync(join(folder, file)).isFile());

const programs = readdirSync(judges).filter((file) => file.endsWith('.py'));
const names = process.argv.slice(2);
const unknown = names.filter((name) => !programs.includes(`${name}.py`));
if (unknown.length > 0) {
  const known = programs.map((file) => basename(file, '.py')).join(', ');
  console.error(`judges: there is no ${unknown.join(', ')}; there are: ${known}`);
  process.exit(2);
}

prepare();
const copy = mkdtempSync(join(tmpdir(), 'lamella-judges-'));
const found = [];
try {
  // Each program writes to the tests/fixtures of the folder that it stands in.
  cpSync(judges, join(copy, 'scripts/judges'), { recursive: true });
  for (const program of programs) {
    if (names.length > 0 && !names.includes(basename(program, '.py'))) continue;
    console.log(`judges: ${program}`);
    run(python, join(copy, 'scripts/judges', program));
  }
  const [committed, written] = [root, copy].map((folder) => join(folder, 'tests/fixtures'));
  for (const file of filesIn(written)) {
    if (!existsSync(join(committed, file))) {
      found.push(`tests/fixtures/${file} is missing`);
      continue;
    }
    const [ours, theirs] = [committed, written].map((folder) =>
      JSON.parse(readFileSync(join(folder, file), 'utf8')),
    );
    const most = compare(ours, theirs, ours.tolerance ?? TOLERANCE, file, found);
    console.log(`judges: ${file} differs by at most ${most.toExponential(1)}`);
  }
  const kept = filesIn(join(committed, 'judges'));
  for (const file of kept) {
    if (names.length > 0 || existsSync(join(written, 'judges', file))) continue;
    found.push(`tests/fixtures/judges/${file} is what no program writes`);
  }
  const bytes = kept.reduce((sum, file) => sum + statSync(join(committed, 'judges', file)).size, 0);
  if (bytes > LARGEST) found.push(`tests/fixtures/judges/ has ${bytes} bytes, above ${LARGEST}`);
} finally {
  rmSync(copy, { recursive: true });
}
if (found.length > 0) {
  console.error(found.slice(0, 50).join('\n'));
  console.error(`judges: ${found.length} differences`);
  process.exitCode = 1;
}
