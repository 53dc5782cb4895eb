// In an iframe: one peer. The page reaches it through `bench`.
import { Instance } from '../instance.mjs';
import { once } from '../once.mjs';

const instance = new Instance();

globalThis.bench = {
  open: (options) => instance.open(options),
  prepare: (workload, indices) => instance.prepare(workload, indices),
  time: (name, count) => instance.time(name, count),
  release: (name) => instance.release(name),
  ...once,
};
