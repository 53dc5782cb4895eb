import * as external from '/node_modules/lamella/dist/external.js';
import * as lamella from '/node_modules/lamella/dist/index.js';
import { createWorkerClient } from '/node_modules/lamella/dist/worker-client.js';
import { check, checkClient } from '../check.mjs';

globalThis.result = (options) => check(lamella, options);
globalThis.external = (options) => check(external, options);
globalThis.inClient = (options) => checkClient(createWorkerClient, options);
/** The same in a worker, where threads may be. */
globalThis.inWorker = (options) =>
  new Promise((resolve, reject) => {
    const worker = new Worker('./module-worker.js', { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message || 'the worker did not load'));
    worker.postMessage(options);
  });
globalThis.isolated = () => globalThis.crossOriginIsolated;
globalThis.ready = true;
