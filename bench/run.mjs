// Measures lamella beside its peers; README.md says how.
import { parseArgs } from 'node:util';
import { nodeHost } from './hosts/node.mjs';
import { measure, measureStartup } from './measure.mjs';
import { jsonLine, profileLine, profileText, summary, workloadTable } from './report.mjs';
import { buildLamella, chooseNode, installPeers } from './setup.mjs';
import { versions } from './versions.mjs';
import { grouped, select, workloads } from './workloads.mjs';

const help = `npm run bench -- [options]

Measures lamella beside its peers: medians of interleaved rounds, after checking every result.

  --only NAME,…      workloads of that name, or whose name starts so (gemm, conv, mlp-step, …),
                     or groups: mnist, operators, tiny, networks, growth, scaling
  --peers NAME,…     peers of that name, with a variant if wanted (lamella/simd, jax-js, …)
  --native           native PyTorch and OpenBLAS as well, of Debian's python3-torch
  --python PATH      the Python that has them; default /usr/bin/python3
  --browser ENGINE   in a page of chromium, firefox or webkit instead of Node
  --node PATH        another Node than the one set-up keeps; 'system' is the one on PATH
  --repeats N        timings of each; default 9
  --quick            about 5 minutes: 5 timings, one thread, without the peers that take minutes
                     and without the rows that say little more than others
  --json             lines of JSON instead of tables
  --no-build         dist/ as it is
  --list             names of the workloads, each with its group`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    peers: { type: 'string' },
    repeats: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    native: { type: 'boolean', default: false },
    python: { type: 'string' },
    browser: { type: 'string' },
    node: { type: 'string' },
    'no-build': { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text.slice(0, 100)}`);
}

const measuring = {
  repeats: Number(options.repeats ?? (options.quick ? 5 : 9)),
  /** A timing repeats the work until it takes about as long. */
  milliseconds: options.quick ? 20 : 30,
  /** Milliseconds that one peer may take for the timings of one workload. */
  budget: options.quick ? 3000 : 20_000,
  progress,
};

async function createHost() {
  if (!options.browser) return nodeHost(chooseNode(options.node));
  const { browserHost } = await import('./hosts/browser.mjs');
  return browserHost(options.browser, progress);
}

/** Instances that --peers names ("lamella", "lamella/simd"), and the machine's peak always. */
function chosen({ peer, variant }) {
  if (peer === 'peak' || !options.peers) return true;
  return options.peers.split(',').some((name) => name === peer || name === `${peer}/${variant}`);
}

/** Whether a workload is measured on an instance. */
function takesPart(workload, { peer, variant, threads, groups }) {
  if (groups && !groups.includes(workload.group)) return false;
  if (options.quick && (threads > 1 || variant.includes('threads'))) return false;
  if (peer === 'peak') return ['peak', 'gemm'].includes(workload.kind);
  if (workload.kind === 'peak') return false;
  if (workload.kind === 'startup') return peer !== 'pytorch' && threads === 1;
  if (threads > 1 || variant.includes('threads')) return workload.heavy === true;
  if (workload.peers && !options.peers) return workload.peers.includes(peer);
  if (workload.kind === 'profile') return peer === 'lamella';
  return true;
}

async function openMembers(host, instances) {
  const members = [];
  for (const instance of instances) {
    progress(`starting ${instance.peer} ${instance.variant}`);
    if (instance.reason) continue;
    const opened = await (instance.host ?? host).open(instance);
    Object.assign(instance, opened.opened);
    if (instance.reason) opened.close();
    else members.push({ instance, host: opened });
  }
  return members;
}

/** GFLOP/s of the faster kind of multiply-add, as measured beside a matrix product. */
function peakOf(workload, results) {
  const all = results.filter(({ peer, gflops }) => peer === 'peak' && gflops);
  return workload.kind === 'gemm' && all.length > 0
    ? Math.max(...all.map(({ gflops }) => gflops))
    : undefined;
}

/** Prints what lamella says about where its time goes. */
async function runProfile(entries) {
  for (const { workload, instance, host } of entries) {
    const { rows, reason } = await host.call('report', workload);
    progress('');
    if (options.json) console.log(profileLine(workload, instance, rows));
    else console.log(profileText(workload, instance, rows, reason));
    await host.call('release', workload.name);
  }
}

/** Results of each workload of a group, in its order. */
async function runGroup(group, host, members) {
  const entries = group.flatMap((workload) =>
    members
      .filter(({ instance }) => takesPart(workload, instance))
      .map((member) => ({ workload, ...member })),
  );
  const [{ kind }] = group;
  if (kind === 'profile') {
    await runProfile(entries);
    return [];
  }
  if (kind === 'startup') {
    const instances = entries.map(({ instance }) => instance);
    return [await measureStartup(group[0], host, instances, measuring)];
  }
  const isSlow = ({ workload, instance }) =>
    options.quick && workload.slowFor?.includes(instance.peer);
  const taking = entries.filter((entry) => !isSlow(entry));
  const results = await measure(taking, measuring);
  return group.map((workload) => [
    ...results.filter((_, i) => taking[i].workload === workload),
    ...entries
      .filter((entry) => entry.workload === workload && isSlow(entry))
      .map(({ instance }) => ({ ...instance, reason: 'left out by --quick' })),
  ]);
}

async function main() {
  const chosenWorkloads = select(options.only, options.quick);
  installPeers(progress);
  if (!options['no-build']) buildLamella(progress);
  const host = await createHost();
  const instances = (await host.once('instances')).filter(chosen);
  if (options.native) {
    const { nativeInstances } = await import('./hosts/python.mjs');
    instances.push(...nativeInstances(options.python).filter(chosen));
  }
  const started = performance.now();
  const members = await openMembers(host, instances);
  const all = [];
  try {
    for (const group of grouped(chosenWorkloads)) {
      const allResults = await runGroup(group, host, members);
      progress('');
      for (const [i, results] of allResults.entries()) {
        const workload = group[i];
        const shown =
          workload.kind === 'peak' ? results : results.filter(({ peer }) => peer !== 'peak');
        if (shown.length === 0) continue;
        all.push({ workload, results: shown });
        if (options.json) shown.forEach((result) => console.log(jsonLine(workload, result)));
        else console.log(workloadTable(workload, shown, peakOf(workload, results)));
      }
    }
  } finally {
    for (const { host: opened } of members) await opened.close();
    await host.close();
  }
  if (!options.json) {
    console.log(summary(all));
    const absent = instances.filter(({ reason }) => reason);
    if (absent.length > 0) console.log('\nNot measured here');
    for (const { peer, variant, threads, reason } of absent) {
      console.log(`  ${peer} ${variant}, ${threads} thread${threads > 1 ? 's' : ''}: ${reason}`);
    }
    const minutes = ((performance.now() - started) / 60_000).toFixed(1);
    console.log(`\n${host.name}; ${versions(instances)}; ${minutes} minutes`);
  }
}

const list = () => workloads.map(({ name, group = '' }) => `${name}  ${group}`.trim()).join('\n');

try {
  if (options.help) console.log(help);
  else if (options.list) console.log(list());
  else await main();
} catch (error) {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
}
