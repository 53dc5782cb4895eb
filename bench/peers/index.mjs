// The peers by name. Each module exports open({ variant, threads, assets }), which resolves to
// { gemm, operator, inference, prediction, predictionInto, training, missing }: functions that take
// a workload's inputs and make a task { run, result, dispose }, and reasons why functions are
// missing. run() does the work once and, in training, gives the loss; result() gives the output,
// channels first. `groups` are those that a peer takes part in, if not in all.
// startup() imports the peer and runs a small dense layer.
const modules = {
  peak: () => import('./peak.mjs'),
  lamella: () => import('./lamella.mjs'),
  'tfjs-wasm': () => import('./tfjs.mjs'),
  'tfjs-cpu': () => import('./tfjs.mjs'),
  'onnxruntime-web': () => import('./onnxruntime.mjs'),
  'jax-js': () => import('./jax.mjs'),
  litert: () => import('./litert.mjs'),
  plain: () => import('./plain.mjs'),
  convnetjs: () => import('./convnet.mjs'),
  'brain.js': () => import('./brain.mjs'),
};

export const load = (peer) => modules[peer]();

const others = [
  { peer: 'peak', variant: 'mul+add', threads: 1 },
  { peer: 'peak', variant: 'madd', threads: 1 },
  { peer: 'tfjs-wasm', variant: 'wasm', threads: 1 },
  { peer: 'tfjs-wasm', variant: 'wasm', threads: 2, browserOnly: 'threads need a page' },
  { peer: 'onnxruntime-web', variant: 'wasm', threads: 1 },
  { peer: 'onnxruntime-web', variant: 'wasm', threads: 2 },
  { peer: 'jax-js', variant: 'wasm', threads: 1 },
  { peer: 'jax-js', variant: 'wasm', threads: 2, browserOnly: 'threads need a page' },
  { peer: 'litert', variant: 'wasm', threads: 1, browserOnly: 'runs in a page only' },
  { peer: 'litert', variant: 'wasm', threads: 2, browserOnly: 'runs in a page only' },
  { peer: 'plain', variant: 'js', threads: 1, groups: ['tiny'] },
  { peer: 'convnetjs', variant: 'js', threads: 1 },
  { peer: 'brain.js', variant: 'js', threads: 1 },
  { peer: 'tfjs-cpu', variant: 'js', threads: 1 },
];

/** All peers in all variants that this engine can run; lamella's are those that its build has. */
export async function instances() {
  const { variants, missingFeatures } = await import('../../dist/index.js');
  const own = variants.flatMap((variant) =>
    (variant.includes('threads') ? [1, 2] : [1]).map((threads) => {
      const missing = missingFeatures(variant);
      const reason = missing.length > 0 ? `this engine lacks ${missing.join(', ')}` : undefined;
      return { peer: 'lamella', variant, threads, reason };
    }),
  );
  const inPage = typeof document !== 'undefined';
  return [
    ...own,
    ...others.map(({ browserOnly, ...instance }) => ({
      ...instance,
      reason: inPage ? undefined : browserOnly,
    })),
  ];
}
