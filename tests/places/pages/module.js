// Everything from the address in ?from=, which may be another origin's.
import { check, checkClient } from './check.mjs';

const from = new URLSearchParams(location.search).get('from') ?? '/node_modules/lamella/dist';
const errorOf = (promise) => promise.then(() => 'no error', String);
const load = (name) => import(`${from}/${name}.js`);

globalThis.result = async (options) => check(await load('index'), options);
globalThis.inClient = async (options) =>
  checkClient((await load('worker-client')).createWorkerClient, options);
globalThis.clientError = () => errorOf(globalThis.inClient());
globalThis.errorOfInit = () => errorOf(globalThis.result());

/** By a worker or service worker of ours, which answers what it is sent. */
const answer = (target) =>
  new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data));
    target.postMessage('check', [port2]);
  });
globalThis.inServiceWorker = async (script, type) => {
  const registration = await navigator.serviceWorker.register(script, { type });
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  try {
    return await answer(worker);
  } finally {
    await registration.unregister();
  }
};
globalThis.inWorker = (script, type) => {
  const worker = new Worker(script, { type });
  worker.addEventListener('error', ({ message }) => console.log(message));
  return answer(worker);
};
globalThis.inSharedWorker = (script, type) => {
  const worker = new SharedWorker(script, { type });
  worker.addEventListener('error', ({ message }) => console.log(message));
  return answer(worker.port);
};
globalThis.inWorklet = async (name) => {
  const module = await WebAssembly.compile(
    await (await fetch('/node_modules/lamella/dist/lamella.simd.wasm')).arrayBuffer(),
  );
  const context = new OfflineAudioContext(1, 128, 48000);
  await context.audioWorklet.addModule(`./worklet-${name}.js`);
  const node = new AudioWorkletNode(context, name, { processorOptions: { module } });
  const answered = new Promise((resolve, reject) => {
    node.port.onmessage = ({ data }) =>
      data.error ? reject(new Error(data.error)) : resolve(data);
  });
  await context.startRendering();
  return answered;
};
globalThis.inFrame = (page, call) =>
  new Promise((resolve, reject) => {
    const frame = document.createElement('iframe');
    frame.sandbox = 'allow-scripts';
    frame.src = `${page}?call=${call}`;
    addEventListener('message', ({ data }) =>
      data.error ? reject(new Error(data.error)) : resolve(data),
    );
    document.body.append(frame);
  });
