import type { BatchProgress, LayerConfig } from 'lamella';
import {
  ArrayDataset,
  type RemoteModel,
  type RemoteTensor,
  type WorkerClient,
} from 'lamella/worker';
import { scale, toInputs, watchedCount } from '../digits/data.js';
import type { BatchPoint, Digits, RunConfig, Tell, Validation } from '../types.js';
import { keep, type KeptRun } from './kept.js';
import { imageShape } from './network.js';
import { argmax, reviewAll } from './review.js';
import { Stopwatch } from './stopwatch.js';

/** Held-out samples of a point on the validation curve; the end takes all of them. */
const validationCount = 500;
const validationsPerEpoch = 4;
/** Milliseconds between two reports. */
const reportInterval = 100;
/** Milliseconds between two times that the run is kept: what a reload loses at most. */
const keepInterval = 2000;

/** Thrown in a callback of the training to end it. */
const stopped = new Error('The training was stopped.');

/** A model, its data, and what it goes on from. */
interface RunParts {
  readonly client: WorkerClient<LayerConfig>;
  readonly model: RemoteModel;
  readonly config: RunConfig;
  readonly train: Digits;
  readonly test: Digits;
  readonly before: KeptRun | undefined;
}

/** Trains a model on digits and tells what happens. */
export class Run {
  readonly #parts: RunParts;
  readonly #tell: Tell;
  readonly #clock: Stopwatch;
  /** Time in training steps alone: what the speed is measured by. */
  readonly #training = new Stopwatch();
  readonly #stepsPerEpoch: number;
  readonly #steps: number;
  /** Of all batches; those from `#reported` on the panels do not know yet. */
  readonly #points: BatchPoint[];
  readonly #validations: Validation[];
  #reported = 0;
  #lastReport = 0;
  #watched: RemoteTensor | undefined;
  #lastKept = performance.now();
  /** The save under way, or the last. */
  #keeping: Promise<void> = Promise.resolve();
  #keepable = true;
  #stopped = false;
  /** While paused, what ends the pause. */
  #goOn: (() => void) | undefined;
  #pause: Promise<void> | undefined;

  constructor(parts: RunParts, tell: Tell) {
    const { config, train, before } = parts;
    this.#parts = parts;
    this.#tell = tell;
    this.#stepsPerEpoch = Math.ceil(train.labels.length / config.batchSize);
    this.#steps = this.#stepsPerEpoch * config.epochs;
    this.#points = [...(before?.points ?? [])];
    this.#validations = [...(before?.validations ?? [])];
    this.#clock = new Stopwatch(before?.elapsed);
  }

  pause(): void {
    this.#clock.stop();
    this.#pause ??= new Promise((resolve) => (this.#goOn = resolve));
  }

  resume(): void {
    this.#clock.start();
    this.#pause = undefined;
    this.#goOn?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#goOn?.();
  }

  /** Resolves when all epochs are done or `stop()` was called. */
  async start(): Promise<void> {
    const { model, train, test } = this.#parts;
    this.#tell('started', {
      steps: this.#steps,
      samples: train.labels.length,
      parameterCount: model.parameterCount,
    });
    this.#clock.start();
    await this.#train();
    this.#clock.stop();
    await this.#keep();
    await this.#keeping;
    const review = await reviewAll(model, test);
    this.#tell('finished', { stopped: this.#stopped, seconds: this.#clock.seconds, review });
  }

  async #train(): Promise<void> {
    const { client, model, config, train, test } = this.#parts;
    const count = Math.min(validationCount, test.labels.length);
    const first = (count: number): Promise<RemoteTensor> =>
      client.tensor(toInputs(test, 0, count), [count, ...imageShape]);
    this.#watched = await first(watchedCount);
    const x = await first(count);
    const y = await client.tensor(test.labels.subarray(0, count));
    try {
      if (this.#validations.length === 0) this.#validated(await model.evaluate(x, y));
      else {
        // The panels knew it before the page was reloaded.
        for (const validation of this.#validations) this.#tell('validation', validation);
        if (this.#points.length > 0) await this.#report();
      }
      const { images, labels } = train;
      const epochs = config.epochs - Math.floor(this.#points.length / this.#stepsPerEpoch);
      if (epochs === 0 || this.#stopped) return;
      const reportEvery = Math.ceil(this.#stepsPerEpoch / validationsPerEpoch);
      this.#training.start();
      await model.train(new ArrayDataset({ x: images, y: labels, length: labels.length, scale }), {
        epochs,
        batchSize: config.batchSize,
        // A new model has no epoch to go on with.
        resume: true,
        copy: true,
        reportEvery,
        onBatch: async ({ skipped, ...last }) => {
          this.#training.stop();
          await this.#add([...skipped, last]);
          const isDue = last.batch === last.batches || last.batch % reportEvery === 0;
          if (isDue) this.#validated(await model.evaluate(x, y));
          await this.#between();
          this.#training.start();
        },
      });
    } catch (error) {
      if (error !== stopped) throw error;
    } finally {
      for (const tensor of [this.#watched, x, y]) tensor.dispose();
    }
  }

  async #add(batches: readonly BatchProgress[]): Promise<void> {
    for (const { loss, accuracy = 0 } of batches) {
      this.#points.push({ step: this.#points.length + 1, loss, accuracy });
    }
    const ends = this.#points.length % this.#stepsPerEpoch === 0;
    if (ends || performance.now() - this.#lastReport >= reportInterval) await this.#report();
  }

  /** While the worker waits: keeps the run when it is time, and returns when the training shall go on. */
  async #between(): Promise<void> {
    if (this.#pause || performance.now() - this.#lastKept >= keepInterval) await this.#keep();
    await this.#pause;
    if (this.#stopped) throw stopped;
  }

  /** Keeps the run as it is now; it is written while the training goes on. */
  async #keep(): Promise<void> {
    if (!this.#keepable) return;
    this.#lastKept = performance.now();
    const run = {
      config: this.#parts.config,
      points: [...this.#points],
      validations: [...this.#validations],
      steps: this.#steps,
      elapsed: this.#clock.seconds,
      checkpoint: await this.#parts.model.saveCheckpoint(),
    };
    this.#keeping = this.#keeping
      .then(() => keep(run))
      .catch((error: unknown) => {
        this.#keepable = false;
        const why = error instanceof Error ? error.message : String(error);
        const message = `This run will not survive a reload: ${why}.`;
        this.#tell('error', { message, endsRun: false });
      });
  }

  async #report(): Promise<void> {
    const [step, elapsed] = [this.#points.length, this.#clock.seconds];
    const { config, before } = this.#parts;
    const trained = step - (before?.points.length ?? 0);
    this.#tell('progress', {
      points: this.#points.slice(this.#reported),
      epoch: Math.ceil(step / this.#stepsPerEpoch),
      step,
      steps: this.#steps,
      samplesPerSecond: (trained * config.batchSize) / this.#training.seconds,
      elapsed,
      remaining: (elapsed / step) * (this.#steps - step),
      watched: await this.#predictWatched(),
    });
    this.#reported = step;
    this.#lastReport = performance.now();
  }

  async #predictWatched(): Promise<Uint8Array> {
    if (!this.#watched) return new Uint8Array();
    const { data } = await this.#parts.model.predict(this.#watched);
    return Uint8Array.from({ length: watchedCount }, (_, i) => argmax(data, i * 10, 10));
  }

  #validated({ loss, accuracy = 0 }: { loss: number; accuracy?: number | undefined }): void {
    const validation = { step: this.#points.length, loss, accuracy };
    this.#validations.push(validation);
    this.#tell('validation', validation);
  }
}
