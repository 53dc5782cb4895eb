// The workloads. Every one is float32; sizes of matrix products are rows x inner x columns.
import { flopsPerSample } from './networks.mjs';
import { growth } from './workloads/growth.mjs';
import { mnist } from './workloads/mnist.mjs';
import { networks } from './workloads/networks.mjs';
import { operators } from './workloads/operators.mjs';
import { tiny } from './workloads/tiny.mjs';

const profile = (network) => ({
  kind: 'profile',
  name: `profile-${network}`,
  ...{ network, batch: 64, onRequest: true },
});

export const workloads = [
  { kind: 'peak', name: 'peak' },
  ...mnist,
  ...operators,
  ...tiny,
  ...networks,
  { kind: 'startup', name: 'startup' },
  ...growth,
  ...['mlp', 'cnn', 'cnn-big'].map(profile),
];

/** Floating-point operations of one run's products, additions and multiplications counted apart. */
export function flops(workload) {
  const { kind, m, k, n, batch } = workload;
  if (kind === 'gemm') return 2 * m * k * n;
  if (batch === undefined) return undefined;
  // Layers without products have no figure.
  return batch * flopsPerSample(workload, kind === 'training') || undefined;
}

/** Samples that one run handles, for the workloads that handle samples. */
export const samples = ({ batch }) => batch;

/** In groups to be measured together, in turns: those that are compared with each other. */
export function grouped(chosen) {
  const groups = [];
  for (const workload of chosen) {
    const last = groups.at(-1);
    if (workload.scaling && workload.scaling === last?.[0].scaling) last.push(workload);
    else groups.push([workload]);
  }
  return groups;
}

/**
 * Those whose name is, or starts with, one of the comma-separated names, or whose group has it;
 * without names all, of which `quick` leaves some out.
 */
export function select(only, quick) {
  if (!only)
    return workloads.filter(({ onRequest, longOnly }) => !onRequest && !(quick && longOnly));
  const names = only.split(',').map((name) => name.trim());
  const exact = (name) => workloads.some((each) => each.name === name || each.group === name);
  const isCalled = (workload, name) =>
    workload.name === name ||
    workload.group === name ||
    (!exact(name) && workload.name.startsWith(name));
  for (const name of names) {
    if (!workloads.some((workload) => isCalled(workload, name))) {
      throw new Error(`no workload or group is called '${name}'; --list names them`);
    }
  }
  return workloads.filter((workload) => names.some((name) => isCalled(workload, name)));
}
