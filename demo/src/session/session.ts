import type { LayerConfig } from 'lamella';
import { createWorkerClient, type RemoteModel } from 'lamella/worker';
import { sourcesOf } from '../datasets.js';
import { imageOf, loadDigits, missingBytes, pixels, watchedCount } from '../digits/data.js';
import type { Digits, Events, FileFormat, Look, RunConfig, Tell } from '../types.js';
import { checkNetwork } from './check.js';
import { toEditable } from './editable.js';
import { loadFile, saveFile } from './files.js';
import { forget, kept, type KeptRun } from './kept.js';
import { look } from './look.js';
import { describeModel } from './network.js';
import { reviewAll } from './review.js';
import { Run } from './run.js';

/** The network in the worker: panels call its methods and listen to what happens. */
export class Session {
  readonly #client = createWorkerClient<LayerConfig>();
  readonly #listeners = new Map<keyof Events, ((event: never) => void)[]>();
  #model: RemoteModel | undefined;
  #run: Run | undefined;
  /** Whether a run is being prepared; `stop` gives it up. */
  #preparing: AbortController | undefined;
  #checks = 0;

  constructor() {
    void this.#try(async () => {
      this.#tell('ready', (await this.#client).runtimeInfo);
    }, true);
  }

  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }

  /** Trains a new network. */
  start(config: RunConfig): void {
    void this.#try(() => this.#start(config), true);
  }

  /** Goes on with a run that was kept. */
  restore(run: KeptRun): void {
    void this.#try(() => this.#start(run.config, run), true);
  }

  pause(): void {
    this.#run?.pause();
  }

  resume(): void {
    this.#run?.resume();
  }

  stop(): void {
    this.#preparing?.abort();
    this.#run?.stop();
  }

  /** The run that was kept before the page was loaded. */
  kept(): Promise<KeptRun | undefined> {
    return this.#try(kept);
  }

  forget(): void {
    void this.#try(forget);
  }

  /** Looks whether layers fit together. */
  check(layers: readonly LayerConfig[]): void {
    const check = ++this.#checks;
    void this.#try(async () => {
      const checked = await checkNetwork(await this.#client, layers);
      // The layers may have changed meanwhile.
      if (check === this.#checks) this.#tell('checked', checked);
    });
  }

  save(format: FileFormat): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#ask((model) => saveFile(model, format));
  }

  /** Takes the model in a file; `config` has its layers where the file has weights alone. */
  load(name: string, bytes: Uint8Array, config: RunConfig): void {
    void this.#try(async () => {
      if (this.#run || this.#preparing) throw new Error('A network is being trained.');
      const client = await this.#client;
      const model = this.#take(await loadFile(client, name, bytes, config));
      const review = await reviewAll(model, await this.#heldBack(config.dataset));
      const layers = await toEditable(client, model);
      const { parameterCount } = model;
      this.#tell('loaded', { name, parameterCount, review, ...(layers && { layers }) });
    });
  }

  /** Lets the network read an image of 784 values from 0 to 1. */
  async predict(image: Float32Array): Promise<void> {
    const begin = performance.now();
    const predicted = await this.#ask((model) => model.predict(image, { copy: true }));
    if (predicted === undefined) return;
    const milliseconds = performance.now() - begin;
    this.#tell('predicted', { probabilities: predicted.data, milliseconds });
  }

  /** The output of every layer for an image. */
  look(image: Float32Array): Promise<Look | undefined> {
    return this.#ask(async (model) => look(await this.#client, model, image));
  }

  /** Tells the samples that the page shows while the network learns. */
  watch(dataset: string): void {
    void this.#try(async () => {
      const { images, labels } = await this.#heldBack(dataset);
      this.#tell('watched', {
        images: images.slice(0, watchedCount * pixels),
        labels: labels.slice(0, watchedCount),
      });
    });
  }

  /** A random sample that the network was not trained on. */
  sample(dataset: string): Promise<{ image: Uint8Array; label: number } | undefined> {
    return this.#try(async () => {
      const digits = await this.#heldBack(dataset);
      const row = Math.floor(Math.random() * digits.labels.length);
      return { image: imageOf(digits, row), label: digits.labels[row] ?? 0 };
    });
  }

  #heldBack(dataset: string): Promise<Digits> {
    return loadDigits(sourcesOf(dataset, false).test);
  }

  readonly #tell: Tell = (name, event) => {
    for (const listener of this.#listeners.get(name) ?? []) listener(event as never);
  };

  /** @param before - The run to go on with; a new one without. */
  async #start(config: RunConfig, before?: KeptRun): Promise<void> {
    const { signal } = (this.#preparing = new AbortController());
    try {
      const client = await this.#client;
      const data = await this.#loadData(config);
      if (signal.aborted) {
        this.#tell('finished', { stopped: true, seconds: 0 });
        return;
      }
      const model = this.#take(
        before
          ? await client.loadCheckpoint(before.checkpoint)
          : await client.model(config.layers, describeModel(config)),
      );
      this.#run = new Run({ client, model, config, before, ...data }, this.#tell);
    } finally {
      this.#preparing = undefined;
    }
    try {
      await this.#run.start();
    } finally {
      this.#run = undefined;
    }
  }

  async #loadData({ dataset, full }: RunConfig): Promise<{ train: Digits; test: Digits }> {
    const { train, test } = sourcesOf(dataset, full);
    const total = missingBytes([...train, ...test]);
    let loaded = 0;
    const onBytes = (count: number): void => {
      loaded = Math.min(loaded + count, total);
      this.#tell('download', { loaded, total });
    };
    const [trainDigits, testDigits] = await Promise.all([
      loadDigits(train, onBytes),
      loadDigits(test, onBytes),
    ]);
    return { train: trainDigits, test: testDigits };
  }

  /** Puts a network in the place of the one before. */
  #take(model: RemoteModel): RemoteModel {
    this.#model?.dispose();
    this.#model = model;
    return model;
  }

  /** Asks the network, if there is one; without an answer when another takes its place meanwhile. */
  async #ask<Answer>(
    question: (model: RemoteModel) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const model = this.#model;
    return (
      model &&
      this.#try(() =>
        question(model).catch((error: unknown) => {
          if (model !== this.#model) return undefined;
          throw error;
        }),
      )
    );
  }

  /** The result of `body`; tells of an error, after which there is none. */
  async #try<Result>(body: () => Promise<Result>, endsRun = false): Promise<Result | undefined> {
    try {
      return await body();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#tell('error', { message, endsRun });
      return undefined;
    }
  }
}
