import { datasetOf } from './datasets.js';
import { keepOffline } from '../shared/offline.js';
import { Session } from './session/session.js';
import { byId } from '../shared/dom.js';
import { DrawPanel } from './ui/draw-panel.js';
import { InsidePanel } from './ui/inside-panel.js';
import { KeepPanel } from './ui/keep-panel.js';
import { RacePanel } from './ui/race-panel.js';
import { ReviewPanel } from './ui/review-panel.js';
import { Settings } from './ui/settings.js';
import { TrainPanel } from './ui/train-panel.js';
import { WatchPanel } from './ui/watch-panel.js';

const session = new Session();
const keepEngine = keepOffline();
session.on('ready', ({ variant }) => keepEngine(variant));
const settings = new Settings(session);
const dataset = (): string => settings.config.dataset;

const trainPanel = new TrainPanel(session, () => settings.config);
new WatchPanel(session, () => datasetOf(dataset()).classes);
const drawPanel = new DrawPanel(session, dataset);

new InsidePanel(session, () => drawPanel.image);
new ReviewPanel(
  session,
  () => datasetOf(dataset()).classes,
  (mistake) => {
    drawPanel.take(mistake.image, mistake.label);
    byId('draw-title', HTMLHeadingElement).scrollIntoView();
  },
);

function showDataset(): void {
  drawPanel.forget();
  session.watch(dataset());
}

new KeepPanel(
  session,
  () => settings.config,
  (config) => {
    const changed = config.dataset !== dataset();
    settings.config = config;
    if (changed) showDataset();
    trainPanel.prepare(config);
  },
);

new RacePanel(session, () => settings.config);

byId('dataset', HTMLSelectElement).addEventListener('change', showDataset);
showDataset();
