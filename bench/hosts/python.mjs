// Native peers: PyTorch, and OpenBLAS by way of numpy, in Debian's Python.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inputs } from '../inputs.mjs';
import { windows } from '../layers.mjs';

const script = join(import.meta.dirname, '../native/native_bench.py');

const modules = {
  pytorch: { import: 'torch', packages: 'python3-torch libopenblas0-pthread' },
  openblas: { import: 'numpy', packages: 'python3-numpy libopenblas0-pthread' },
};

function environment(threads) {
  const env = { ...process.env };
  // Some machines set these for the sake of older OpenBLAS builds; they take its best kernels away.
  delete env.OPENBLAS_CORETYPE;
  delete env.OPENBLAS_L2_SIZE;
  const count = String(threads);
  return {
    ...env,
    ...{ OMP_NUM_THREADS: count, OPENBLAS_NUM_THREADS: count },
    // PyTorch's faster form: malloc keeps what is freed, which saves page faults.
    ...{ MALLOC_MMAP_THRESHOLD_: '4294967296', MALLOC_TRIM_THRESHOLD_: '4294967296' },
  };
}

/** Everything about a workload but the numbers, which Python makes itself by the same rule. */
function describe(workload) {
  const { layers, inputShape, outputShape, range, learningRate } = inputs(workload);
  const withoutNumbers = (layer) =>
    Object.entries(layer).filter(([, value]) => !ArrayBuffer.isView(value));
  return {
    ...workload,
    ...{ inputShape, outputShape, range, learningRate },
    layers: layers?.map((layer) => ({
      ...Object.fromEntries(withoutNumbers(layer)),
      // Zeros before and after each axis that windows move over.
      ...(layer.stride && { pads: [1, 2].map((axis) => windows(layer, layer.input[axis])) }),
    })),
  };
}

function open(instance, python) {
  const child = spawn(python, ['-u', script], {
    env: environment(instance.threads),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let pending;
  let ended;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { result, error } = JSON.parse(line);
    if (error === undefined) pending.resolve(result);
    else pending.reject(new Error(error));
  });
  child.on('exit', (code, signal) => {
    ended = new Error(`its process ended (${signal ?? code})`);
    pending?.reject(ended);
  });
  const call = (method, ...parameters) =>
    new Promise((resolve, reject) => {
      if (ended) throw ended;
      pending = { resolve, reject };
      child.stdin.write(`${JSON.stringify({ method, parameters })}\n`);
    });
  return {
    call: (method, ...parameters) =>
      method === 'prepare'
        ? call(method, describe(parameters[0]), parameters[1] ?? null)
        : call(method, ...parameters),
    close: () => child.kill('SIGKILL'),
  };
}

const hostOf = (python) => ({
  async open({ peer, threads }) {
    const opened = open({ threads }, python);
    return { ...opened, opened: await opened.call('open', { peer, threads }) };
  },
});

/** Whether matrix products are OpenBLAS's: BLAS's reference implementation takes 20 times as long. */
const check = (name) => `
import ${name}
assert 'openblas' in open('/proc/self/maps').read(), 'no OpenBLAS'
`;

/** The native peers, with a reason and a remedy for those that a Python has not installed. */
export function nativeInstances(python = '/usr/bin/python3') {
  const host = hostOf(python);
  return Object.entries(modules).flatMap(([peer, { import: name, packages }]) => {
    const { status } = spawnSync(python, ['-c', check(name)], { stdio: 'ignore' });
    const reason =
      status === 0
        ? undefined
        : `${python} has no ${name} on OpenBLAS: ` +
          `apt-get install --no-install-recommends ${packages}`;
    return [1, 2].map((threads) => ({ peer, variant: 'native', threads, reason, host }));
  });
}
