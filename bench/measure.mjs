// Measures workloads: every peer is set up and checked, then all are timed in turns.
import { complaint, reference } from './reference.mjs';
import { flops, samples } from './workloads.mjs';

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const identity = ({ peer, variant, threads }) => ({ peer, variant, threads });

function toResult(workload, instance, times, more) {
  const time = median(times);
  const work = more.flops ?? flops(workload);
  const count = samples(workload);
  return {
    ...identity(instance),
    median: time,
    least: Math.min(...times),
    most: Math.max(...times),
    repeats: times.length,
    gflops: work && work / time / 1e6,
    samplesPerSecond: count && (count / time) * 1000,
    note: more.note,
  };
}

async function prepare({ workload, host }, wanted) {
  try {
    const prepared = await host.call('prepare', workload, wanted?.indices);
    if (prepared.reason || !wanted) return prepared;
    const wrong = complaint(wanted, prepared);
    if (wrong) await host.call('release', workload.name);
    return wrong ? { reason: wrong } : prepared;
  } catch (error) {
    return { reason: error.message };
  }
}

/** How often a timing repeats the work, and how often it is taken. */
function plan(times, { repeats, milliseconds, budget }) {
  const late = times.slice(Math.floor(times.length / 2));
  // The mean: where clocks tick every 20 µs, the median of what takes 7 is 0. A call takes 1 at least.
  const mean = late.reduce((sum, time) => sum + time, 0) / late.length;
  const estimate = Math.max(mean, 1e-3);
  if (estimate > budget / 2)
    return { repeats: 0, known: times.length > 1 ? times.slice(1) : times };
  const inner = Math.ceil(milliseconds / estimate);
  const affordable = Math.floor(budget / (inner * estimate));
  return { inner, repeats: Math.max(1, Math.min(repeats, affordable)), known: [] };
}

/**
 * Results of all entries, [{ workload, instance, host }], in their order. Rounds go through the
 * entries one after the other, so that a slow moment of the machine touches all of them.
 */
export async function measure(entries, options) {
  const timed = [];
  let wanted;
  for (const [i, entry] of entries.entries()) {
    const { workload, instance } = entry;
    options.progress(`${workload.name}: ${instance.peer} ${instance.variant}`);
    if (workload !== entries[i - 1]?.workload) wanted = reference(workload);
    // The machine's peak is measured along with matrix products, but computes none.
    const prepared = await prepare(entry, instance.peer === 'peak' ? undefined : wanted);
    timed.push({ entry, prepared, ...(prepared.times && plan(prepared.times, options)) });
  }
  for (let round = 0; round < options.repeats; round++) {
    for (const { entry, prepared, inner, repeats, known } of timed) {
      if (prepared.reason || round >= repeats) continue;
      const { workload, host } = entry;
      options.progress(`${workload.name}: round ${round + 1} of ${options.repeats}`);
      try {
        known.push((await host.call('time', workload.name, inner)) / inner);
      } catch (error) {
        prepared.reason = error.message;
      }
    }
  }
  const results = [];
  for (const { entry, prepared, known } of timed) {
    const { workload, instance, host } = entry;
    if (prepared.reason) {
      results.push({ ...identity(instance), reason: prepared.reason });
    } else {
      results.push(toResult(workload, instance, known, prepared));
      await host.call('release', workload.name);
    }
  }
  return results;
}

/** Start-up is timed from inside, in fresh processes, in turns as well. */
export async function measureStartup(workload, host, instances, options) {
  const entries = instances.map((instance) => ({ instance, times: [], reason: instance.reason }));
  for (let round = 0; round < options.repeats; round++) {
    for (const entry of entries) {
      if (entry.reason) continue;
      options.progress(`startup: ${entry.instance.peer}, round ${round + 1} of ${options.repeats}`);
      try {
        entry.times.push(await host.startup(entry.instance));
      } catch (error) {
        entry.reason = error.message.slice(0, 300);
      }
    }
  }
  return entries.map(({ instance, times, reason }) =>
    reason ? { ...identity(instance), reason } : toResult(workload, instance, times, {}),
  );
}
