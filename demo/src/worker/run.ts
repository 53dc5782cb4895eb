import { type Model, saveCheckpoint } from 'lamella';
import type { BatchPoint, Reply, RunConfig, Validation } from '../protocol.js';
import { Batches } from './batches.js';
import { type Digits, watchedCount } from './data.js';
import { keep, type KeptRun } from './kept.js';
import { shuffledRows } from './rows.js';
import { argmax, evaluationBatch, reviewAll } from './review.js';
import { Gate, nextTask, Stopwatch } from './tasks.js';

/** Held-out samples of a point on the validation curve; the end takes all of them. */
const validationCount = 500;
const validationsPerEpoch = 4;
/** Milliseconds between two reports. */
const reportEvery = 100;
/** Milliseconds between two times that the run is kept: what a reload loses at most. */
const keepEvery = 2000;

/** Batches of one pass over so many samples. */
export function stepsPerEpoch({ batchSize }: RunConfig, samples: number): number {
  return Math.ceil(samples / batchSize);
}

/** Trains a model on digits and reports what happens. */
export class Run {
  readonly #model: Model;
  readonly #config: RunConfig;
  readonly #train: Digits;
  readonly #test: Digits;
  readonly #post: (reply: Reply) => void;
  readonly #trainBatches: Batches;
  readonly #testBatches: Batches;
  readonly #gate = new Gate();
  readonly #clock: Stopwatch = new Stopwatch();
  /** Time in training steps alone: what the speed is measured by. */
  readonly #training = new Stopwatch();
  readonly #stepsPerEpoch: number;

  #stopped = false;
  #step = 0;
  /** Of all batches; those from `#reported` on the page does not know yet. */
  readonly #points: BatchPoint[] = [];
  #reported = 0;
  readonly #validations: Validation[] = [];
  #lastKept = performance.now();
  /** The save under way, or the last. */
  #keeping: Promise<void> = Promise.resolve();
  #keepable = true;
  #lastReport = 0;
  #speed = { samples: 0, seconds: 0, value: 0 };

  constructor(
    model: Model,
    config: RunConfig,
    data: { readonly train: Digits; readonly test: Digits },
    post: (reply: Reply) => void,
    before?: KeptRun,
  ) {
    this.#model = model;
    this.#config = config;
    this.#train = data.train;
    this.#test = data.test;
    this.#post = post;
    this.#trainBatches = new Batches(data.train);
    this.#testBatches = new Batches(data.test);
    this.#stepsPerEpoch = stepsPerEpoch(config, data.train.labels.length);
    if (before === undefined) return;
    this.#points = [...before.points];
    this.#validations = [...before.validations];
    this.#step = before.points.length;
    this.#clock = new Stopwatch(before.elapsed);
  }

  pause(): void {
    this.#clock.stop();
    this.#gate.close();
  }

  resume(): void {
    this.#clock.start();
    this.#gate.open();
  }

  stop(): void {
    this.#stopped = true;
    this.#gate.open();
  }

  /** Resolves when all epochs are done or `stop()` was called. */
  async start(): Promise<void> {
    this.#post({
      type: 'started',
      steps: this.#steps,
      stepsPerEpoch: this.#stepsPerEpoch,
      samples: this.#train.labels.length,
      parameterCount: this.#model.parameterCount,
    });
    this.#clock.start();
    try {
      if (this.#validations.length === 0) await this.#validate();
      else this.#repeat();
      while (this.#step < this.#steps && !this.#stopped) {
        await this.#trainEpoch(Math.floor(this.#step / this.#stepsPerEpoch) + 1);
      }
      this.#clock.stop();
      await this.#keep();
      await this.#finish();
    } finally {
      this.#trainBatches.dispose();
      this.#testBatches.dispose();
    }
  }

  get #steps(): number {
    return this.#stepsPerEpoch * this.#config.epochs;
  }

  async #trainEpoch(epoch: number): Promise<void> {
    const { batchSize, seed } = this.#config;
    const rows = shuffledRows(this.#train.labels.length, seed * 1000 + epoch);
    const validateEvery = Math.ceil(this.#stepsPerEpoch / validationsPerEpoch);
    for (
      let batch = (this.#step % this.#stepsPerEpoch) + 1;
      batch <= this.#stepsPerEpoch;
      batch++
    ) {
      this.#trainRows(rows.subarray((batch - 1) * batchSize, batch * batchSize));
      const last = batch === this.#stepsPerEpoch;
      if (last || performance.now() - this.#lastReport >= reportEvery) this.#report(epoch);
      if (last || batch % validateEvery === 0) await this.#validate();
      if (performance.now() - this.#lastKept >= keepEvery) void this.#keep();
      await nextTask();
      if (this.#gate.closed) void this.#keep();
      await this.#gate.pass();
      if (this.#stopped) return;
    }
  }

  /** Tells the page again what it knew before it was reloaded. */
  #repeat(): void {
    for (const validation of this.#validations) this.#post({ type: 'validation', ...validation });
    if (this.#step > 0) this.#report(Math.ceil(this.#step / this.#stepsPerEpoch));
  }

  /** Keeps the run as it is now, unless it is still being kept as it was. */
  #keep(): Promise<void> {
    if (!this.#keepable) return Promise.resolve();
    this.#lastKept = performance.now();
    const run = {
      config: this.#config,
      // Copies: training goes on while the checkpoint is written.
      points: [...this.#points],
      validations: [...this.#validations],
      elapsed: this.#clock.seconds,
    };
    const checkpoint = saveCheckpoint(this.#model);
    this.#keeping = keep(run, checkpoint, this.#keeping).catch((error: unknown) => {
      this.#keepable = false;
      const why = error instanceof Error ? error.message : String(error);
      const message = `This run will not survive a reload: ${why}.`;
      this.#post({ type: 'error', message, endsRun: false });
    });
    return this.#keeping;
  }

  #trainRows(rows: Uint32Array): void {
    this.#training.start();
    const { x, y } = this.#trainBatches.gather(rows);
    const { loss, accuracy = 0 } = this.#model.trainBatch(x, y);
    this.#training.stop();
    this.#step++;
    this.#points.push({ step: this.#step, loss, accuracy });
    this.#speed.samples += rows.length;
  }

  #report(epoch: number): void {
    const elapsed = this.#clock.seconds;
    this.#post({
      type: 'progress',
      points: this.#points.slice(this.#reported),
      epoch,
      step: this.#step,
      steps: this.#steps,
      samplesPerSecond: this.#samplesPerSecond(),
      elapsed,
      remaining: (elapsed / this.#step) * (this.#steps - this.#step),
      watched: this.#predictWatched(),
    });
    this.#reported = this.#points.length;
    this.#lastReport = performance.now();
  }

  /** Over the last half second or more. */
  #samplesPerSecond(): number {
    const seconds = this.#training.seconds - this.#speed.seconds;
    if (this.#speed.value === 0 || seconds > 0.5) {
      this.#speed = {
        samples: 0,
        seconds: this.#training.seconds,
        value: this.#speed.samples / seconds,
      };
    }
    return this.#speed.value;
  }

  #predictWatched(): Uint8Array {
    const count = Math.min(watchedCount, this.#test.labels.length);
    const rows = Uint32Array.from({ length: count }, (_, i) => i);
    const probabilities = this.#predict(rows);
    return Uint8Array.from(rows, (i) => argmax(probabilities, i * 10, 10));
  }

  async #validate(): Promise<void> {
    const validation = { step: this.#step, ...(await this.#evaluate()) };
    this.#validations.push(validation);
    this.#post({ type: 'validation', ...validation });
  }

  /** Loss and accuracy over the first held-out samples. */
  async #evaluate(): Promise<{ loss: number; accuracy: number }> {
    const count = Math.min(validationCount, this.#test.labels.length);
    let loss = 0;
    let accuracy = 0;
    for (let first = 0; first < count; first += evaluationBatch) {
      const length = Math.min(evaluationBatch, count - first);
      const rows = Uint32Array.from({ length }, (_, i) => first + i);
      const { x, y } = this.#testBatches.gather(rows);
      const result = this.#model.evaluate(x, y);
      loss += (result.loss * length) / count;
      accuracy += ((result.accuracy ?? 0) * length) / count;
      await nextTask();
    }
    return { loss, accuracy };
  }

  async #finish(): Promise<void> {
    const review = await reviewAll(this.#test, (rows) => this.#predict(rows));
    this.#post({ type: 'finished', stopped: this.#stopped, seconds: this.#clock.seconds, review });
  }

  #predict(rows: Uint32Array): Float32Array {
    return predictRows(this.#model, this.#testBatches, rows);
  }
}

/** Probabilities of the classes for some samples, ten each. */
export function predictRows(model: Model, batches: Batches, rows: Uint32Array): Float32Array {
  const output = model.predict(batches.gather(rows).x);
  const probabilities = output.toArray();
  output.dispose();
  return probabilities;
}
