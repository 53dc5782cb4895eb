import type { Session } from '../session/session.js';
import type { Finished, Loaded, Progress, RunConfig, Started, Validation } from '../types.js';
import { Curves } from './curves.js';
import { byId } from '../../shared/dom.js';
import { showEngine } from '../../shared/engine.js';
import { count, duration, megabytes, percent } from '../../shared/format.js';

type State = 'idle' | 'loading' | 'training' | 'paused';

const buttonText: Record<State, string> = {
  idle: 'Train',
  loading: 'Loading …',
  training: 'Pause',
  paused: 'Resume',
};

/** Starts, pauses and stops training, and shows how it goes. */
export class TrainPanel {
  readonly #session: Session;
  readonly #readConfig: () => RunConfig;
  readonly #curves = new Curves();
  readonly #go = byId('go', HTMLButtonElement);
  readonly #stop = byId('stop', HTMLButtonElement);
  readonly #controls = byId('controls', HTMLFormElement);
  readonly #progress = byId('progress', HTMLProgressElement);
  readonly #status = byId('status', HTMLParagraphElement);
  readonly #alert = byId('alert', HTMLParagraphElement);
  readonly #numbers = {
    accuracy: byId('accuracy', HTMLElement),
    speed: byId('speed', HTMLElement),
    elapsed: byId('elapsed', HTMLElement),
    remaining: byId('remaining', HTMLElement),
  };

  #state: State = 'idle';
  /** Whether the network, as it stands, cannot be trained. */
  #blocked = false;
  #epochs = 0;
  #epoch = 0;

  constructor(session: Session, readConfig: () => RunConfig) {
    this.#session = session;
    this.#readConfig = readConfig;
    this.#controls.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#toggle();
    });
    this.#stop.addEventListener('click', () => session.stop());
    session.on('ready', showEngine);
    session.on('download', ({ loaded, total }) => {
      this.#progress.value = loaded / total;
      this.#status.textContent = `Downloading ${megabytes(total)} of images …`;
    });
    session.on('checked', ({ problem }) => {
      this.#blocked = problem !== undefined;
      if (this.#state === 'idle') this.#go.disabled = this.#blocked;
    });
    session.on('started', (started) => this.#showStart(started));
    session.on('progress', (progress) => this.#showProgress(progress));
    session.on('validation', (validation) => this.#showValidation(validation));
    session.on('finished', (finished) => this.#showEnd(finished));
    session.on('loaded', (loaded) => this.#showLoaded(loaded));
    session.on('error', ({ message, endsRun }) => {
      if (endsRun) {
        this.#enter('idle');
        this.#status.textContent = 'Not training.';
      }
      this.#alert.textContent = message;
      this.#alert.hidden = false;
    });
  }

  #toggle(): void {
    if (this.#state === 'idle') this.#start();
    else if (this.#state === 'training') {
      this.#session.pause();
      this.#enter('paused');
      this.#status.textContent = 'Paused.';
    } else if (this.#state === 'paused') {
      this.#session.resume();
      this.#enter('training');
      this.#epoch = 0;
    }
  }

  #start(): void {
    const config = this.#readConfig();
    this.prepare(config);
    this.#session.start(config);
  }

  /** Waits for a run of these settings, which was asked for. */
  prepare(config: RunConfig): void {
    this.#alert.hidden = true;
    this.#epochs = config.epochs;
    this.#epoch = 0;
    this.#progress.value = 0;
    this.#status.textContent = 'Getting ready …';
    this.#enter('loading');
  }

  #enter(state: State): void {
    this.#state = state;
    this.#go.textContent = buttonText[state];
    this.#stop.disabled = state === 'idle';
    for (const id of ['amount', 'settings']) {
      byId(id, HTMLFieldSetElement).disabled = state !== 'idle';
    }
    this.#go.disabled = state === 'loading' || (state === 'idle' && this.#blocked);
  }

  #showStart({ steps, samples, parameterCount }: Started): void {
    this.#enter('training');
    this.#curves.reset(steps);
    this.#progress.value = 0;
    this.#status.textContent = `Training ${count(parameterCount)} weights on ${count(samples)} images.`;
  }

  #showProgress(progress: Progress): void {
    this.#curves.addBatches(progress.points);
    this.#progress.value = progress.step / progress.steps;
    // Of a run that is brought back, nothing has been measured yet.
    const speed = progress.samplesPerSecond;
    this.#numbers.speed.textContent = speed > 0 ? `${count(speed)} images / s` : '–';
    this.#numbers.elapsed.textContent = duration(progress.elapsed);
    this.#numbers.remaining.textContent = duration(progress.remaining);
    if (this.#state === 'training' && progress.epoch !== this.#epoch) {
      // Once per pass: screen readers read it out.
      this.#epoch = progress.epoch;
      this.#status.textContent = `Training, pass ${String(progress.epoch)} of ${String(this.#epochs)}.`;
    }
  }

  #showValidation(validation: Validation): void {
    this.#curves.addValidation(validation);
    this.#numbers.accuracy.textContent = percent(validation.accuracy);
  }

  #showLoaded({ name, parameterCount, review, layers }: Loaded): void {
    this.#alert.hidden = true;
    this.#curves.reset(1);
    this.#progress.value = 0;
    for (const id of ['speed', 'elapsed', 'remaining'] as const) {
      this.#numbers[id].textContent = '–';
    }
    this.#numbers.accuracy.textContent = percent(review.accuracy);
    const hidden = layers ? '' : ' Its layers are not among those that can be edited here.';
    this.#status.textContent =
      `${name}: ${count(parameterCount)} weights that read ${percent(review.accuracy)} of ` +
      `${count(review.samples)} images held back.${hidden}`;
  }

  #showEnd({ stopped, seconds, review }: Finished): void {
    this.#enter('idle');
    this.#numbers.remaining.textContent = '–';
    if (review === undefined) {
      this.#status.textContent = 'Stopped before it began.';
      return;
    }
    this.#go.textContent = 'Train again';
    this.#numbers.accuracy.textContent = percent(review.accuracy);
    this.#status.textContent =
      `${stopped ? 'Stopped' : 'Done'} after ${duration(seconds)}: it reads ` +
      `${percent(review.accuracy)} of ${count(review.samples)} images it was not trained on.`;
  }
}
