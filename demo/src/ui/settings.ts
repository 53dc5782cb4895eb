import { defaultConfig, fromFragment, optimizerTypes, toFragment } from '../configuration.js';
import { datasets } from '../datasets.js';
import { isSame } from '../layer-kinds.js';
import { networks } from '../networks.js';
import type { Session } from '../session/session.js';
import type { RunConfig } from '../types.js';
import { byId } from '../../shared/dom.js';
import { LayerList } from './layer-list.js';

type Preset = keyof typeof networks;

function isPreset(value: string): value is Preset {
  return Object.hasOwn(networks, value);
}

/** Everything that can be set, kept in the page's address. */
export class Settings {
  readonly #session: Session;
  readonly #inputs = {
    dataset: byId('dataset', HTMLSelectElement),
    images: byId('images', HTMLSelectElement),
    preset: byId('preset', HTMLSelectElement),
    optimizer: byId('optimizer', HTMLSelectElement),
    learningRate: byId('learning-rate', HTMLInputElement),
    batchSize: byId('batch-size', HTMLInputElement),
    epochs: byId('epochs', HTMLInputElement),
    seed: byId('seed', HTMLInputElement),
  };
  readonly #layers: LayerList;

  constructor(session: Session) {
    this.#session = session;
    this.#layers = new LayerList(() => this.#changed());
    const { dataset, optimizer, preset } = this.#inputs;
    dataset.append(...datasets.map(({ id, title }) => new Option(title, id)));
    optimizer.append(...optimizerTypes.map((type) => new Option(type)));
    preset.addEventListener('change', () => {
      if (isPreset(preset.value)) this.#layers.layers = networks[preset.value];
    });
    for (const input of Object.values(this.#inputs)) {
      input.addEventListener('change', () => this.#changed());
    }
    session.on('loaded', ({ layers }) => {
      if (layers) this.config = { ...this.config, layers };
    });
    session.on('checked', (check) => this.#layers.show(check));
    // Someone pastes another link into the same tab.
    window.addEventListener('hashchange', () => this.#readAddress());
    this.#readAddress();
  }

  get config(): RunConfig {
    const { dataset, images, optimizer, learningRate, batchSize, epochs, seed } = this.#inputs;
    return {
      dataset: dataset.value,
      full: images.value === 'full',
      layers: this.#layers.layers,
      optimizer: optimizerTypes.find((type) => type === optimizer.value) ?? 'Adam',
      learningRate: learningRate.valueAsNumber,
      batchSize: batchSize.valueAsNumber,
      epochs: epochs.valueAsNumber,
      seed: seed.valueAsNumber,
    };
  }

  set config(config: RunConfig) {
    this.#fill(config);
    history.replaceState(null, '', toFragment(config));
  }

  #readAddress(): void {
    let config = defaultConfig;
    try {
      config = fromFragment(location.hash) ?? defaultConfig;
    } catch (error) {
      const alert = byId('alert', HTMLParagraphElement);
      alert.textContent = error instanceof Error ? error.message : String(error);
      alert.hidden = false;
    }
    this.#fill(config);
  }

  #fill(config: RunConfig): void {
    const inputs = this.#inputs;
    inputs.dataset.value = config.dataset;
    inputs.images.value = config.full ? 'full' : 'small';
    inputs.optimizer.value = config.optimizer;
    inputs.learningRate.value = String(config.learningRate);
    inputs.batchSize.value = String(config.batchSize);
    inputs.epochs.value = String(config.epochs);
    inputs.seed.value = String(config.seed);
    this.#layers.layers = config.layers;
    this.#check();
  }

  #changed(): void {
    if (byId('controls', HTMLFormElement).checkValidity()) {
      history.replaceState(null, '', toFragment(this.config));
    }
    this.#check();
  }

  /** Asks the engine what it thinks of the layers, and names them if they have a name. */
  #check(): void {
    const { layers } = this.#layers;
    const same = Object.entries(networks).find(([, network]) => isSame(network, layers));
    this.#inputs.preset.value = same?.[0] ?? 'own';
    this.#session.check(layers);
  }
}
