// The workloads. Every one is float32; sizes of matrix products are rows x inner x columns.
import { flopsPerSample } from './networks.mjs';

const gemm = (m, k, n, more) => ({ kind: 'gemm', name: `gemm-${m}x${k}x${n}`, m, k, n, ...more });
const square = (size, more) => gemm(size, size, size, { name: `gemm-${size}`, ...more });
const conv = (n, c, size, depth, more) => ({
  kind: 'conv',
  name: `conv-${n}x${c}x${size}x${size}-to-${depth}`,
  ...{ n, c, h: size, w: size, depth },
  ...more,
});
const training = (network, batch = 64, more) => ({
  kind: 'training',
  name: `${network}-step`,
  ...{ network, batch },
  ...more,
});
const inference = (network, batch, more) => ({
  kind: 'inference',
  name: `${network}-inference-${batch}`,
  ...{ network, batch },
  ...more,
});

/** Heavy ones are measured with two threads as well. */
const heavy = { heavy: true };

/** Peers that take minutes: --quick leaves them out. */
const slow = (...slowFor) => ({ slowFor });
const slowOnImages = slow('tfjs-cpu', 'jax-js', 'convnetjs');

/** How the time of a step grows: of interest for lamella and native code only, unless asked for. */
const cnnStep = (scaling, value, batch, more) =>
  training('cnn', batch, { name: `scaling-cnn-step-${scaling}-${value}`, scaling, ...more });

const profile = (network) => ({
  kind: 'profile',
  name: `profile-${network}`,
  ...{ network, batch: 64, onRequest: true },
});

export const workloads = [
  { kind: 'peak', name: 'peak' },
  square(256),
  square(512, heavy),
  square(1024, { ...heavy, ...slow('tfjs-cpu') }),
  gemm(64, 784, 128),
  gemm(64, 128, 10),
  gemm(8, 9, 50176),
  gemm(16, 72, 12544),
  gemm(64, 576, 25088, { ...heavy, ...slow('tfjs-cpu') }),
  conv(32, 32, 28, 64, { ...heavy, ...slowOnImages }),
  conv(64, 1, 28, 8),
  training('mlp', 64, heavy),
  training('cnn', 64, heavy),
  training('cnn-big', 64, { ...heavy, ...slowOnImages }),
  inference('cnn', 1),
  inference('cnn', 64),
  inference('cnn-big', 1),
  inference('cnn-big', 64, { ...heavy, ...slowOnImages }),
  { kind: 'startup', name: 'startup' },
  ...[1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((batch) => cnnStep('batch', batch, batch)),
  ...[1, 2, 4, 8].map((width) => cnnStep('width', width, 64, { width })),
  ...[14, 28, 56, 112].map((size) => cnnStep('size', size, 64, { size })),
  ...['mlp', 'cnn', 'cnn-big'].map(profile),
];

/** Floating-point operations of one run, additions and multiplications counted apart. */
export function flops(workload) {
  const { kind, m, k, n, c, h, w, depth, batch } = workload;
  if (kind === 'gemm') return 2 * m * k * n;
  if (kind === 'conv') return 2 * n * depth * h * w * c * 9;
  if (kind === 'training' || kind === 'inference') {
    return batch * flopsPerSample(workload, kind === 'training');
  }
  return undefined;
}

/** Samples that one run handles, for the workloads that handle samples. */
export function samples({ kind, batch, n }) {
  if (kind === 'training' || kind === 'inference') return batch;
  return kind === 'conv' ? n : undefined;
}

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

/** Those whose name is, or starts with, one of the comma-separated names; all for none. */
export function select(only) {
  if (!only) return workloads.filter(({ onRequest }) => !onRequest);
  const names = only.split(',').map((name) => name.trim());
  const exact = (name) => workloads.some((workload) => workload.name === name);
  const chosen = workloads.filter((workload) =>
    names.some(
      (name) => workload.name === name || (!exact(name) && workload.name.startsWith(name)),
    ),
  );
  for (const name of names) {
    if (!workloads.some((workload) => workload.name.startsWith(name))) {
      const all = workloads.map((workload) => workload.name).join(', ');
      throw new Error(`no workload is called '${name}'; there are: ${all}`);
    }
  }
  return chosen;
}
