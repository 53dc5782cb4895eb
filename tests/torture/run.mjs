// npm run torture [-- --short] [--seed N] [--only KIND] [--index N] [--minutes N]
// Random programs, damaged files, failing allocations: nothing may trap, hang, corrupt or throw an
// error without a type. Ends with a table, and exits with 1 if there was a finding.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { kinds } from './kinds.mjs';
import { toTable, writeFigures } from './report.mjs';
import { runKind } from './supervise.mjs';

const root = join(import.meta.dirname, '../..');
process.chdir(root);

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    index: { type: 'string' },
    minutes: { type: 'string' },
    report: { type: 'string' },
  },
});
if (options.only !== undefined && !(options.only in kinds)) {
  console.error(`torture: no kind '${options.only}'; there are: ${Object.keys(kinds).join(', ')}`);
  process.exit(2);
}
const seed = Number(options.seed);
/** Of the long run, whose counts are in proportion. */
const minutes = Number(options.minutes ?? 60);

const chosen = Object.entries(kinds).filter(
  ([name]) => options.only === undefined || options.only === name,
);
for (const preset of new Set(chosen.flatMap(([, { build }]) => build ?? []))) {
  console.log(`torture: building ${preset}`);
  const parameters = ['scripts/engine.mjs', preset, 'lamella_torture'];
  const { status } = spawnSync(process.execPath, parameters, { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

const until = Date.now() + minutes * 60_000;
const results = [];
for (const [name, { command, long, short }] of chosen) {
  const one = options.index !== undefined;
  const count = one ? 1 : options.short ? short : Math.ceil((long * minutes) / 60);
  const begin = one ? Number(options.index) : 0;
  const processes = one ? 1 : 2;
  results.push(
    await runKind({ name, seed, command: command(seed), count, processes, until, begin }),
  );
  console.log(`torture: ${toTable(results).split('\n').at(-1)}`);
}
console.log(`\nseed ${seed}\n${toTable(results)}`);

const incomplete = results.filter(({ count, wanted }) => count < wanted).map(({ name }) => name);
if (incomplete.length > 0) console.log(`not all cases were run: ${incomplete.join(', ')}`);
const failed = results.filter(({ findings }) => findings.count > 0).length;
if (options.report !== undefined) {
  const [passed, failures] = [results.length - failed, failed];
  writeFileSync(options.report, JSON.stringify({ passed, failed: failures }));
}
if (!options.short && options.only === undefined && minutes >= 60) writeFigures(results, seed);
process.exitCode = failed > 0 || incomplete.length > 0 ? 1 : 0;
