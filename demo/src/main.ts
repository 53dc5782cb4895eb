import { Client } from './client.js';
import { datasetOf, sourcesOf } from './datasets.js';
import { keepOffline } from './offline.js';
import { byId } from './ui/dom.js';
import { DrawPanel } from './ui/draw-panel.js';
import { InsidePanel } from './ui/inside-panel.js';
import { KeepPanel } from './ui/keep-panel.js';
import { RacePanel } from './ui/race-panel.js';
import { ReviewPanel } from './ui/review-panel.js';
import { Settings } from './ui/settings.js';
import { TrainPanel } from './ui/train-panel.js';
import { WatchPanel } from './ui/watch-panel.js';

const client = new Client();
keepOffline(client);
const settings = new Settings(client);
const dataset = (): string => settings.config.dataset;

const trainPanel = new TrainPanel(client, () => settings.config);
new WatchPanel(client, () => datasetOf(dataset()).classes);
const drawPanel = new DrawPanel(client, dataset);

new InsidePanel(client, () => drawPanel.image);
new ReviewPanel(
  client,
  () => datasetOf(dataset()).classes,
  (mistake) => {
    drawPanel.take(mistake.image, mistake.label);
    byId('draw-title', HTMLHeadingElement).scrollIntoView();
  },
);

function showDataset(): void {
  drawPanel.forget();
  client.send({ type: 'watch', test: sourcesOf(dataset(), false).test });
}

new KeepPanel(
  client,
  () => settings.config,
  (config) => {
    const changed = config.dataset !== dataset();
    settings.config = config;
    if (changed) showDataset();
    trainPanel.prepare(config);
  },
);

new RacePanel(client, () => settings.config);

byId('dataset', HTMLSelectElement).addEventListener('change', showDataset);
showDataset();
