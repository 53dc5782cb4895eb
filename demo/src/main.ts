import { Client } from './client.js';
import { datasetOf, sourcesOf } from './datasets.js';
import { networks } from './networks.js';
import type { RunConfig } from './protocol.js';
import { byId } from './ui/dom.js';
import { DrawPanel } from './ui/draw-panel.js';
import { TrainPanel } from './ui/train-panel.js';
import { WatchPanel } from './ui/watch-panel.js';

const digits = byId('digits', HTMLSelectElement);
const epochs = byId('epochs', HTMLInputElement);

function readConfig(): RunConfig {
  return {
    dataset: 'mnist',
    full: digits.value === 'full',
    layers: networks.cnn,
    optimizer: 'Adam',
    learningRate: 0.002,
    batchSize: 64,
    epochs: epochs.valueAsNumber,
    seed: 7,
  };
}

const client = new Client();
new TrainPanel(client, readConfig);
new WatchPanel(client, () => datasetOf(readConfig().dataset).classes);
new DrawPanel(client, () => readConfig().dataset);
client.send({ type: 'watch', test: sourcesOf(readConfig().dataset, false).test });
