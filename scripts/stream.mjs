// npm run stream [-- --gigabytes 4 --as batches|dataset|csv]: trains on data that is made up as it is read,
// through the built package, and prints as JSON the most memory that the process had, and how long a step took.
// --as ready compares: batches that are there already, and the same samples as arrays.
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Adam, Dense, init, Model, ReLU, SparseCategoricalCrossEntropy } from '../dist/index.js';
import { csvBatches } from '../dist/data.js';

const { values } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '4' },
    as: { type: 'string', default: 'batches' },
  },
});
const bytes = Number(values.gigabytes) * 1e9;
if (!(bytes > 0)) throw new Error(`--gigabytes must be above 0, got '${values.gigabytes}'`);
const [width, batchSize] = [784, 256];

/** Writes sample `index` to x; its class is the third of its numbers that is on. */
function write(index, x) {
  const kind = index % 3;
  for (let k = 0; k < width; k++) x[k] = Math.floor((3 * k) / width) === kind ? 1 : (k % 7) / 7;
  return kind;
}

function makeBatch(first) {
  const x = new Float32Array(batchSize * width);
  const y = Uint8Array.from({ length: batchSize }, (_, i) =>
    write(first + i, x.subarray(i * width, (i + 1) * width)),
  );
  return { x, y };
}

/** The data as something to train on, how many steps it is, and options. */
const forms = {
  batches() {
    const steps = Math.ceil(bytes / (4 * width * batchSize));
    function* make() {
      for (let i = 0; i < steps; i++) yield makeBatch(i * batchSize);
    }
    return [make, steps];
  },
  dataset() {
    const length = Math.ceil(bytes / (4 * width));
    const gather = (indices, x, y) => {
      for (const [i, index] of indices.entries()) {
        y[i] = write(index, x.subarray(i * width, (i + 1) * width));
      }
    };
    return [{ length, gather }, Math.ceil(length / batchSize), { batchSize }];
  },
  csv() {
    const header = `kind,${Array.from({ length: width }, (_, k) => k)}\n`;
    const x = new Float32Array(width);
    const row = (index) => `${write(index, x)},${Array.from(x, (value) => value.toFixed(3))}\n`;
    const rows = Array.from({ length: 48 }, (_, i) => row(i)).join('');
    const pieces = Math.ceil(bytes / rows.length);
    async function* file() {
      yield header;
      for (let i = 0; i < pieces; i++) yield rows;
    }
    const types = { kind: ['0', '1', '2'] };
    const steps = Math.ceil((pieces * 48) / batchSize);
    return [csvBatches(file, { label: 'kind', types, batchSize }), steps];
  },
};

const create = () =>
  new Model([new Dense(32, { inputSize: width }), new ReLU(), new Dense(3)], {
    loss: new SparseCategoricalCrossEntropy(),
    optimizer: new Adam(),
  });

/** Milliseconds of a step, and the results. */
async function time(steps, ...data) {
  const model = create();
  const begin = performance.now();
  const [result] = await model.train(...data);
  return { milliseconds: (performance.now() - begin) / steps, ...result };
}

/** The most memory that the process had, in bytes. */
function peak() {
  const status = '/proc/self/status';
  if (!existsSync(status)) return process.resourceUsage().maxRSS * 1024;
  // Linux counts that of the process which started this one as well, but not here.
  return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(status, 'utf8'))[1]) * 1024;
}

if (values.as !== 'ready' && !Object.hasOwn(forms, values.as)) {
  const known = [...Object.keys(forms), 'ready'].join(', ');
  throw new Error(`--as must be one of ${known}, got '${values.as}'`);
}

await init({ variant: 'simd' });
if (values.as === 'ready') {
  const steps = 400;
  const batches = Array.from({ length: steps }, (_, i) => makeBatch(i * batchSize));
  const x = new Float32Array(steps * batchSize * width);
  batches.forEach((batch, i) => x.set(batch.x, i * batchSize * width));
  const y = Uint8Array.from(batches.flatMap((batch) => [...batch.y]));
  const times = { arrays: [], batches: [] };
  for (let i = 0; i < 9; i++) {
    const options = { batchSize, shuffle: false };
    times.arrays.push((await time(steps, x, y, options)).milliseconds);
    times.batches.push((await time(steps, batches.values())).milliseconds);
  }
  const median = (all) => all.sort((a, b) => a - b)[all.length >> 1];
  const [arrays, ready] = [median(times.arrays), median(times.batches)];
  console.log(JSON.stringify({ arrays, batches: ready, ratio: ready / arrays }));
} else {
  const [data, steps, options] = forms[values.as]();
  const { loss, accuracy, milliseconds } = await time(steps, data, options);
  const megabytes = peak() / 1e6;
  console.log(JSON.stringify({ as: values.as, steps, loss, accuracy, milliseconds, megabytes }));
}
