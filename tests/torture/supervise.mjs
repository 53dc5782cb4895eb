// Runs the cases of a kind in processes that may hang, trap or die: each is a finding, and the next
// case goes on in a new process.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const hang = 20_000;
const pollEvery = 250;
/** More causes than these tell nothing new. */
const enough = 40;

const folder = join(import.meta.dirname, '../../build/torture');
mkdirSync(folder, { recursive: true });

/** What is the same in findings of one cause: the first line without names of calls and numbers, and the place. */
function causeOf(text) {
  const [first] = text.split('\n');
  const place = text.split('\n').find((line) => /\/dist\/|cpp\/|Sanitizer/.test(line)) ?? '';
  return `${first.replace(/^Error: [^:]*: /, '')}\n${place}`.replace(/\d+/g, '#').slice(0, 400);
}

/** The findings of a kind, those of one cause counted. */
export class Findings {
  #causes = new Map();

  add(index, text) {
    const cause = causeOf(text);
    const known = this.#causes.get(cause);
    if (known) known.count++;
    else this.#causes.set(cause, { index, text, count: 1 });
    return known === undefined;
  }

  get list() {
    return [...this.#causes.values()];
  }

  get count() {
    return this.list.reduce((sum, { count }) => sum + count, 0);
  }
}

function positionIn(file, fallback) {
  try {
    const text = readFileSync(file, 'latin1').trim();
    return text === '' ? fallback : Number(text);
  } catch {
    return fallback;
  }
}

/**
 * Runs `command(first, step, end, positionFile)`, a program and its arguments, until no case is left
 * or `until` has passed.
 * @returns The number of cases that were run.
 */
async function runShard({
  name,
  command,
  first,
  step,
  end,
  until,
  onFinding,
  onProgress,
  findings,
}) {
  const positionFile = join(folder, `${name}-${first}-${process.pid}`);
  let at = first;
  while (at < end && Date.now() < until && findings.list.length < enough) {
    rmSync(positionFile, { force: true });
    const [program, ...parameters] = command(at, step, end, positionFile);
    const child = spawn(program, parameters, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let errors = '';
    child.stderr.on('data', (data) => {
      if (errors.length < 20_000) errors += data;
    });
    let reported;
    child.on('message', ({ index, text }) => {
      reported = index;
      onFinding(index, text);
    });
    const exit = new Promise((resolve) => {
      child.on('close', (code, signal) => resolve({ code, signal }));
    });
    let seen = -1;
    let since = Date.now();
    let stopped;
    const watch = setInterval(() => {
      const position = positionIn(positionFile, at);
      onProgress(first, (position - first) / step);
      if (position !== seen) [seen, since] = [position, Date.now()];
      if (Date.now() - since > hang) stopped = 'hang';
      else if (Date.now() > until || findings.list.length >= enough) stopped = 'time';
      if (stopped) child.kill('SIGKILL');
    }, pollEvery);
    const { code, signal } = await exit;
    clearInterval(watch);
    at = positionIn(positionFile, at);
    if (stopped === 'time') break;
    if (stopped === 'hang') onFinding(at, `hangs: no answer for ${hang / 1000} s`);
    else if (code !== 0 && reported !== at)
      onFinding(at, `the process ended (${signal ?? code}):\n${errors.slice(-6000)}`);
    if (at < end) at += step;
  }
  rmSync(positionFile, { force: true });
  const done = Math.min(Math.ceil((at - first) / step), Math.ceil((end - first) / step));
  onProgress(first, done);
  return done;
}

/** Runs cases 0 … `count` - 1 of a kind in `processes` processes at the same time. */
export async function runKind({ name, command, count, processes, until, begin = 0 }) {
  const findings = new Findings();
  const done = new Map();
  const start = performance.now();
  const sum = () => [...done.values()].reduce((total, each) => total + each, 0);
  let told = Date.now();
  const onProgress = (shard, cases) => {
    done.set(shard, cases);
    if (Date.now() - told < 10_000) return;
    told = Date.now();
    console.log(`torture: ${name}: ${Math.floor(sum())} of ${count}, ${findings.count} findings`);
  };
  const onFinding = (index, text) => {
    if (!findings.add(index, text)) return;
    console.log(`torture: ${name}: finding in case ${index}:\n${text.replace(/^/gm, '    ')}`);
  };
  const shards = Array.from({ length: processes }, (_, i) => i);
  await Promise.all(
    shards.map((i) =>
      runShard({
        name,
        command,
        first: begin + i,
        step: processes,
        end: begin + count,
        until,
        onFinding,
        onProgress,
        findings,
      }),
    ),
  );
  return {
    name,
    count: Math.floor(sum()),
    wanted: count,
    findings,
    seconds: (performance.now() - start) / 1000,
  };
}
