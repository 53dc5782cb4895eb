/** Runs in a worker: answers the page's requests with the engine. */
import { init, loadCheckpoint, type Model, tensor } from 'lamella';
import type { Download, Reply, Request, RunConfig, Sources } from '../protocol.js';
import { Batches } from './batches.js';
import { checkNetwork } from './check.js';
import { loadDigits, missingBytes, pixels, watchedCount } from './data.js';
import { toEditable } from './editable.js';
import { loadFile, saveFile } from './files.js';
import { forget, kept, type KeptRun } from './kept.js';
import { look } from './look.js';
import { createModel } from './network.js';
import { reviewAll } from './review.js';
import { predictRows, Run, stepsPerEpoch } from './run.js';

/** The part of a worker's global scope used here, which TypeScript's DOM types do not know. */
interface WorkerScope {
  postMessage(reply: Reply): void;
  onmessage: ((event: MessageEvent<Request>) => void) | null;
}

const scope = self as unknown as WorkerScope;
const engine = init();

let run: Run | undefined;
let model: Model | undefined;
/** Whether a run is being prepared; `stop` gives it up. */
let preparing: AbortController | undefined;

function post(reply: Reply): void {
  scope.postMessage(reply);
}

function reportError(error: unknown, endsRun: boolean): void {
  const message = error instanceof Error ? error.message : String(error);
  post({ type: 'error', message, endsRun });
}

async function loadWithProgress({ train, test }: Sources) {
  const total = missingBytes([...train, ...test]);
  let loaded = 0;
  const onBytes = (count: number): void => {
    loaded += count;
    post({ type: 'download', loaded: Math.min(loaded, total), total });
  };
  const [trainDigits, testDigits] = await Promise.all([
    loadDigits(train, onBytes),
    loadDigits(test, onBytes),
  ]);
  return { train: trainDigits, test: testDigits };
}

/** @param before - The run to go on with; a new one without. */
async function start(config: RunConfig, sources: Sources, before?: KeptRun): Promise<void> {
  const preparation = new AbortController();
  preparing = preparation;
  try {
    await engine;
    const data = await loadWithProgress(sources);
    if (preparation.signal.aborted) {
      post({ type: 'finished', stopped: true, seconds: 0 });
      return;
    }
    const next = before ? await loadCheckpoint(before.checkpoint) : createModel(config);
    model?.dispose();
    model = next;
    run = new Run(next, config, data, post, before);
  } finally {
    preparing = undefined;
  }
  try {
    await run.start();
  } finally {
    run = undefined;
  }
}

async function restore(sources: Sources): Promise<void> {
  const before = await kept();
  if (before === undefined) throw new Error('There is no training run to go on with.');
  await start(before.config, sources, before);
}

async function tellKept(): Promise<void> {
  const before = await kept();
  if (before === undefined) return;
  const { config, points } = before;
  const samples = config.full ? 60_000 : 10_000;
  const steps = stepsPerEpoch(config, samples) * config.epochs;
  post({ type: 'kept', config, step: points.length, steps });
}

async function load({ name, bytes, config, test }: Extract<Request, { type: 'load' }>) {
  if (run !== undefined || preparing !== undefined) throw new Error('A network is being trained.');
  await engine;
  const next = await loadFile(name, bytes, config);
  model?.dispose();
  model = next;
  const digits = await loadDigits(test);
  const batches = new Batches(digits);
  try {
    const review = await reviewAll(digits, (rows) => predictRows(next, batches, rows));
    const layers = toEditable(next);
    post({
      type: 'loaded',
      name,
      parameterCount: next.parameterCount,
      review,
      ...(layers && { layers }),
    });
  } finally {
    batches.dispose();
  }
}

function predict(image: Float32Array): void {
  if (model === undefined) return;
  const begin = performance.now();
  const input = tensor(image, [1, 1, 28, 28]);
  const output = model.predict(input);
  const probabilities = output.toArray();
  input.dispose();
  output.dispose();
  post({ type: 'prediction', probabilities, milliseconds: performance.now() - begin });
}

async function watch(test: readonly Download[]): Promise<void> {
  const { images, labels } = await loadDigits(test);
  post({
    type: 'watched',
    images: images.slice(0, watchedCount * pixels),
    labels: labels.slice(0, watchedCount),
  });
}

async function sample(test: readonly Download[]): Promise<void> {
  const { images, labels } = await loadDigits(test);
  const row = Math.floor(Math.random() * labels.length);
  const image = images.slice(row * pixels, (row + 1) * pixels);
  post({ type: 'sample', image, label: labels[row] ?? 0 });
}

async function answer(request: Request): Promise<void> {
  switch (request.type) {
    case 'start':
      await start(request.config, request.sources);
      break;
    case 'restore':
      await restore(request.sources);
      break;
    case 'kept':
      await tellKept();
      break;
    case 'forget':
      await forget();
      break;
    case 'save':
      if (model !== undefined) {
        const { format } = request;
        post({ type: 'saved', format, bytes: await saveFile(model, format) });
      }
      break;
    case 'load':
      await load(request);
      break;
    case 'pause':
      run?.pause();
      break;
    case 'resume':
      run?.resume();
      break;
    case 'stop':
      preparing?.abort();
      run?.stop();
      break;
    case 'check':
      await engine;
      post({ type: 'checked', ...checkNetwork(request.layers) });
      break;
    case 'predict':
      predict(request.image);
      break;
    case 'look':
      if (model !== undefined) post({ type: 'look', ...look(model, request.image) });
      break;
    case 'watch':
      await watch(request.test);
      break;
    case 'sample':
      await sample(request.test);
      break;
  }
}

scope.onmessage = ({ data }) => {
  answer(data).catch((error: unknown) =>
    reportError(error, data.type === 'start' || data.type === 'restore'),
  );
};

engine.then(
  ({ variant, reason }) => {
    post({ type: 'ready', variant, reason });
  },
  (error: unknown) => reportError(error, true),
);
