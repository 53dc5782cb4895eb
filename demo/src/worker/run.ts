import type { Model } from 'lamella';
import type { BatchPoint, Reply, RunConfig } from '../protocol.js';
import { Batches, shuffledRows } from './batches.js';
import { type Digits, watchedCount } from './data.js';
import { Reviewer } from './review.js';
import { Gate, nextTask, Stopwatch } from './tasks.js';

/** Held-out samples of a point on the validation curve; the end takes all of them. */
const validationCount = 500;
const validationsPerEpoch = 4;
/** Rows that are predicted at once: few enough that messages do not wait for long. */
const evaluationBatch = 100;
/** Milliseconds between two reports. */
const reportEvery = 100;

/** Index of the largest of `count` values from `first` on. */
function argmax(values: Float32Array, first: number, count: number): number {
  let best = first;
  for (let i = first + 1; i < first + count; i++) {
    if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  }
  return best - first;
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
  readonly #clock = new Stopwatch();
  /** Time in training steps alone: what the speed is measured by. */
  readonly #training = new Stopwatch();
  readonly #stepsPerEpoch: number;

  #stopped = false;
  #step = 0;
  #points: BatchPoint[] = [];
  #lastReport = 0;
  #speed = { samples: 0, seconds: 0, value: 0 };

  constructor(
    model: Model,
    config: RunConfig,
    data: { readonly train: Digits; readonly test: Digits },
    post: (reply: Reply) => void,
  ) {
    this.#model = model;
    this.#config = config;
    this.#train = data.train;
    this.#test = data.test;
    this.#post = post;
    this.#trainBatches = new Batches(data.train);
    this.#testBatches = new Batches(data.test);
    this.#stepsPerEpoch = Math.ceil(data.train.labels.length / config.batchSize);
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
      await this.#validate();
      for (let epoch = 1; epoch <= this.#config.epochs && !this.#stopped; epoch++) {
        await this.#trainEpoch(epoch);
      }
      this.#clock.stop();
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
    for (let batch = 1; batch <= this.#stepsPerEpoch; batch++) {
      this.#trainRows(rows.subarray((batch - 1) * batchSize, batch * batchSize));
      const last = batch === this.#stepsPerEpoch;
      if (last || performance.now() - this.#lastReport >= reportEvery) this.#report(epoch);
      if (last || batch % validateEvery === 0) await this.#validate();
      await nextTask();
      await this.#gate.pass();
      if (this.#stopped) return;
    }
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
      points: this.#points,
      epoch,
      step: this.#step,
      steps: this.#steps,
      samplesPerSecond: this.#samplesPerSecond(),
      elapsed,
      remaining: (elapsed / this.#step) * (this.#steps - this.#step),
      watched: this.#predictWatched(),
    });
    this.#points = [];
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
    const result = await this.#evaluate();
    this.#post({ type: 'validation', step: this.#step, ...result });
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
    const reviewer = new Reviewer(this.#test);
    const count = this.#test.labels.length;
    for (let first = 0; first < count; first += evaluationBatch) {
      const length = Math.min(evaluationBatch, count - first);
      const rows = Uint32Array.from({ length }, (_, i) => first + i);
      const probabilities = this.#predict(rows);
      rows.forEach((row, i) => {
        const guess = argmax(probabilities, i * 10, 10);
        reviewer.add(row, guess, probabilities[i * 10 + guess] ?? 0);
      });
      await nextTask();
    }
    const { review } = reviewer;
    this.#post({ type: 'finished', stopped: this.#stopped, seconds: this.#clock.seconds, review });
  }

  #predict(rows: Uint32Array): Float32Array {
    const output = this.#model.predict(this.#testBatches.gather(rows).x);
    const probabilities = output.toArray();
    output.dispose();
    return probabilities;
  }
}
