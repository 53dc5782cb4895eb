import { init } from 'lamella';
import { keepOffline } from '../shared/offline.js';
import { byId } from '../shared/dom.js';
import { showEngine } from '../shared/engine.js';
import { CameraPanel } from './camera-panel.js';
import { ClassesPanel } from './classes-panel.js';
import { KeepPanel } from './keep-panel.js';
import { Taught } from './taught.js';
import { TrainPanel } from './train-panel.js';
import { TryPanel } from './try-panel.js';

function start(): void {
  const taught = new Taught();
  const { camera } = new CameraPanel(() => update());
  const classesPanel = new ClassesPanel(camera, () => update());
  const panels = [
    classesPanel,
    new TrainPanel(
      () => classesPanel.classes,
      taught,
      () => update(),
    ),
    new TryPanel(camera, taught),
    new KeepPanel(taught, () => update()),
  ];
  const update = (): void => {
    for (const panel of panels) panel.update();
  };
  update();
}

const keepEngine = keepOffline();
try {
  const engine = await init();
  showEngine(engine);
  keepEngine(engine.variant);
  start();
} catch (error) {
  const alert = byId('alert', HTMLElement);
  alert.textContent = `lamella cannot run here: ${error instanceof Error ? error.message : String(error)}`;
  alert.hidden = false;
}
