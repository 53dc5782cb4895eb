// Peers in Node, each in a process of its own.
import { fork } from 'node:child_process';
import { join } from 'node:path';

const assets = {
  tfjs: join(import.meta.dirname, '../node_modules/@tensorflow/tfjs-backend-wasm/dist/'),
};

/** A child process that answers calls by name: { method, parameters } -> { result } or { error }. */
function start(file, node) {
  const child = fork(join(import.meta.dirname, file), [], {
    execPath: node.path,
    execArgv: node.flags,
    serialization: 'advanced',
    // Peers chatter on standard output, which is for results.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let pending;
  let ended;
  const settle = (name, value) => {
    pending?.[name](value);
    pending = undefined;
  };
  child.on('message', ({ result, error }) =>
    error === undefined ? settle('resolve', result) : settle('reject', new Error(error)),
  );
  child.on('exit', (code, signal) => {
    ended = new Error(`its process ended (${signal ?? code})`);
    settle('reject', ended);
  });
  return {
    call: (method, ...parameters) =>
      new Promise((resolve, reject) => {
        if (ended) throw ended;
        pending = { resolve, reject };
        child.send({ method, parameters });
      }),
    close: () => child.kill('SIGKILL'),
  };
}

export function nodeHost(node) {
  return {
    name: `Node ${node.version}`,

    /** Runs in a fresh process that is gone afterwards. */
    async once(method, ...parameters) {
      const child = start('node-once.mjs', node);
      try {
        return await child.call(method, ...parameters);
      } finally {
        child.close();
      }
    },

    async open(instance) {
      const child = start('node-instance.mjs', node);
      return { ...child, opened: await child.call('open', { ...instance, assets }) };
    },

    startup(instance) {
      return this.once('startup', { ...instance, assets });
    },

    async close() {
      // Each child ends with its instance.
    },
  };
}
