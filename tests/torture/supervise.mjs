// Runs the cases of a kind in processes that may hang, trap or die: each is a finding, and the next
// case goes on in a new process.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const hang = 20_000;
const pollEvery = 250;
/** More causes or dead processes than these tell nothing new. */
const enough = { causes: 40, deaths: 40 };

const folder = join(import.meta.dirname, '../../build/torture');
mkdirSync(folder, { recursive: true });

/** The first line without names of calls and numbers, and the place: findings of one cause share them. */
function causeOf(text) {
  const [first] = text.split('\n');
  const place = text.split('\n').find((line) => /\/dist\/|cpp\/|Sanitizer/.test(line)) ?? '';
  return `${first.replace(/^Error: [^:]*: /, '')}\n${place}`.replace(/\d+/g, '#').slice(0, 400);
}

/** The findings of a kind, those of one cause counted. */
export class Findings {
  #causes = new Map();
  /** Processes that had to end. */
  deaths = 0;

  add(index, text) {
    const cause = causeOf(text);
    const known = this.#causes.get(cause);
    if (known) known.count++;
    else this.#causes.set(cause, { index, text, count: 1 });
    return known === undefined;
  }

  get enough() {
    return this.list.length >= enough.causes || this.deaths >= enough.deaths;
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
 * Runs one process until it ends, hangs or is told to stop.
 * @param watch - Called with its position, several times a second; returns whether to stop it.
 * @returns Where it was and what was wrong with its end, if anything.
 */
async function runProcess([program, ...parameters], { positionFile, at, onFinding, watch }) {
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
  let [seen, since, stopped] = [-1, Date.now(), undefined];
  const timer = setInterval(() => {
    const position = positionIn(positionFile, at);
    if (position !== seen) [seen, since] = [position, Date.now()];
    if (watch(position)) stopped = 'in time';
    else if (Date.now() - since > hang) stopped = 'hangs';
    if (stopped) child.kill('SIGKILL');
  }, pollEvery);
  const { code, signal } = await exit;
  clearInterval(timer);
  const position = positionIn(positionFile, at);
  if (stopped === 'in time') return { position };
  if (stopped) return { position, problem: `hangs: no answer for ${hang / 1000} s` };
  // A worker has told why it ends itself.
  if (code === 0 || reported === position) return { position };
  return { position, problem: `the process ended (${signal ?? code}):\n${errors.slice(-6000)}` };
}

/**
 * Runs `command(first, step, end, positionFile)`, a program and its arguments, again after each case
 * that has ended it, until no case is left or `until` has passed.
 */
async function runShard({
  name,
  command,
  first,
  step,
  end,
  until,
  findings,
  onFinding,
  onProgress,
}) {
  const positionFile = join(folder, `${name}-${first}-${process.pid}`);
  const done = (position) => Math.ceil((Math.min(position, end) - first) / step);
  const over = () => Date.now() > until || findings.enough;
  let at = first;
  while (at < end && !over()) {
    rmSync(positionFile, { force: true });
    const watch = (position) => {
      onProgress(first, done(position));
      return over();
    };
    const options = { positionFile, at, onFinding, watch };
    const { position, problem } = await runProcess(command(at, step, end, positionFile), options);
    at = position;
    if (problem) onFinding(at, problem);
    if (at >= end || over()) break;
    findings.deaths++;
    at += step;
  }
  rmSync(positionFile, { force: true });
  onProgress(first, done(at));
}

/** Runs cases 0 … `count` - 1 of a kind in `processes` processes at the same time. */
export async function runKind({ name, seed, command, count, processes, until, begin = 0 }) {
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
    console.log(
      `torture: ${name}: finding in case ${index} of seed ${seed}:\n${text.replace(/^/gm, '    ')}`,
    );
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
