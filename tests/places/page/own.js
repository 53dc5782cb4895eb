import { createWorkerClient } from 'lamella/worker';
import { checkClient } from './check.mjs';

globalThis.result = () => {
  const worker = new Worker(new URL('./own-worker.js', import.meta.url), { type: 'module' });
  return checkClient(createWorkerClient, { worker });
};
