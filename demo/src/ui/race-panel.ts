import type { Session } from '../session/session.js';
import { sourcesOf } from '../datasets.js';
import type { RunConfig } from '../types.js';
import type { ContenderName, RaceReply, RaceRequest, RaceResult } from '../race/protocol.js';
import { byId, create } from '../../shared/dom.js';
import { count } from '../../shared/format.js';

const titles: Record<ContenderName, string> = {
  lamella: 'lamella',
  tensorflow: 'TensorFlow.js',
};
const names: readonly ContenderName[] = ['lamella', 'tensorflow'];

class Lane {
  readonly item: HTMLLIElement;
  readonly #fill = create('span', '');
  readonly #speed = create('span', 'speed', '–');
  readonly #what = create('span', 'what', 'waits');

  constructor(name: ContenderName) {
    const bar = create('span', 'bar', this.#fill);
    this.item = create(
      'li',
      name,
      create('span', 'who', titles[name]),
      this.#speed,
      bar,
      this.#what,
    );
  }

  say(what: string): void {
    this.#what.textContent = what;
  }

  finish({ samplesPerSecond, version, backend }: RaceResult): void {
    this.#speed.textContent = `${count(samplesPerSecond)} images / s`;
    this.say(`${version}, ${backend}`);
  }

  /** @param share - Of the fastest contender's speed. */
  show(share: number): void {
    this.#fill.style.setProperty('--share', share.toFixed(4));
  }
}

/** The ratio of two speeds, with no more digits than the measurement is worth. */
function times(ratio: number): string {
  return ratio >= 9.5 ? count(ratio) : ratio.toFixed(1);
}

/** Trains the network in lamella and in TensorFlow.js, one after the other. */
export class RacePanel {
  readonly #readConfig: () => RunConfig;
  readonly #button = byId('race', HTMLButtonElement);
  readonly #progress = byId('race-progress', HTMLProgressElement);
  readonly #status = byId('race-status', HTMLParagraphElement);
  readonly #lanes = byId('lanes', HTMLOListElement);
  #worker: Worker | undefined;
  #cancel: (() => void) | undefined;
  /** Whether a network is being trained, which would slow both down. */
  #busy = false;
  #blocked = false;

  constructor(session: Session, readConfig: () => RunConfig) {
    this.#readConfig = readConfig;
    this.#button.addEventListener('click', () => {
      if (this.#cancel) this.#cancel();
      else void this.#race();
    });
    session.on('checked', ({ problem }) => {
      this.#blocked = problem !== undefined;
      this.#enable();
    });
    const setBusy = (busy: boolean) => () => {
      this.#busy = busy;
      this.#enable();
    };
    session.on('started', setBusy(true));
    session.on('finished', setBusy(false));
    session.on('error', ({ endsRun }) => {
      if (endsRun) setBusy(false)();
    });
    // Pressing Train while it races ends the race.
    byId('controls', HTMLFormElement).addEventListener('submit', () => this.#cancel?.());
  }

  #enable(): void {
    this.#button.disabled = this.#cancel === undefined && (this.#busy || this.#blocked);
  }

  async #race(): Promise<void> {
    const config = this.#readConfig();
    const lanes = new Map(names.map((name) => [name, new Lane(name)] as const));
    this.#lanes.replaceChildren(...Array.from(lanes.values(), ({ item }) => item));
    this.#button.textContent = 'Stop the race';
    this.#progress.hidden = false;
    this.#status.textContent = `The same network and the same batches of ${count(config.batchSize)}, one after the other.`;
    const results = new Map<ContenderName, RaceResult>();
    try {
      for (const [i, name] of names.entries()) {
        const result = await this.#measure(name, config, (share, what) => {
          this.#progress.value = (i + share) / names.length;
          lanes.get(name)?.say(`${what} …`);
        });
        results.set(name, result);
        lanes.get(name)?.finish(result);
        const fastest = Math.max(...Array.from(results.values(), (each) => each.samplesPerSecond));
        for (const [each, { samplesPerSecond }] of results) {
          lanes.get(each)?.show(samplesPerSecond / fastest);
        }
      }
      this.#status.textContent = explain(results);
    } catch (error) {
      this.#status.textContent = error instanceof Error ? error.message : String(error);
    } finally {
      this.#worker?.terminate();
      this.#cancel = undefined;
      this.#progress.hidden = true;
      this.#button.textContent = 'Race again';
      this.#enable();
    }
  }

  /** Runs one contender in a worker of its own, which it has to itself. */
  #measure(
    name: ContenderName,
    config: RunConfig,
    onProgress: (share: number, what: string) => void,
  ): Promise<RaceResult> {
    return new Promise((resolve, reject) => {
      this.#worker?.terminate();
      const worker = new Worker(new URL('../race/worker.ts', import.meta.url), { type: 'module' });
      this.#worker = worker;
      const fail = (why: string): void => {
        reject(new Error(`${titles[name]} cannot race: ${why}.`));
      };
      this.#cancel = () => {
        reject(new Error('The race was stopped.'));
      };
      worker.onerror = ({ message }) => {
        fail(message || 'its script could not be loaded');
      };
      worker.onmessage = ({ data }: MessageEvent<RaceReply>) => {
        if (data.type === 'progress') onProgress(data.share, data.what);
        else if (data.type === 'error') fail(data.message);
        else resolve(data);
      };
      const { train } = sourcesOf(config.dataset, false);
      const request: RaceRequest = { contender: name, config, train };
      worker.postMessage(request);
    });
  }
}

function explain(results: ReadonlyMap<ContenderName, RaceResult>): string {
  const [ours, theirs] = [results.get('lamella'), results.get('tensorflow')];
  if (ours === undefined || theirs === undefined) return '';
  const ratio = ours.samplesPerSecond / theirs.samplesPerSecond;
  const verdict =
    ratio >= 1
      ? `Here lamella trains ${times(ratio)} times as fast.`
      : `Here TensorFlow.js trains ${times(1 / ratio)} times as fast.`;
  const why = theirs.reason
    ? `TensorFlow.js runs in plain JavaScript: ${theirs.reason}.`
    : 'Both run as WebAssembly with SIMD, each on one thread.';
  return (
    `${verdict} ${why} Median of ${count(ours.batches)} and ${count(theirs.batches)} batches ` +
    'on your processor, after a warm-up; graphics processors are left out.'
  );
}
