import { byId } from '../shared/dom.js';
import { Camera } from './camera.js';

/** Starts and stops the camera, and says why there is none. */
export class CameraPanel {
  readonly camera: Camera;
  readonly #button = byId('camera-go', HTMLButtonElement);
  readonly #status = byId('camera-status', HTMLElement);
  readonly #preview = byId('preview', HTMLElement);

  /** @param changed - Called when the camera went on or off. */
  constructor(changed: () => void) {
    this.camera = new Camera(byId('video', HTMLVideoElement), (problem) => {
      this.#show(problem);
      changed();
    });
    this.#button.addEventListener('click', () => {
      if (this.camera.isOn) this.camera.stop();
      else void this.#start();
    });
    this.#button.disabled = false;
  }

  async #start(): Promise<void> {
    this.#button.disabled = true;
    this.#status.textContent = 'The browser asks whether this page may use the camera.';
    await this.camera.start();
    this.#button.disabled = false;
  }

  #show(problem?: string): void {
    const { isOn } = this.camera;
    this.#preview.classList.toggle('on', isOn);
    this.#button.textContent = isOn ? 'Stop camera' : 'Start camera';
    const off = problem ? `${problem} Pictures work without it: press Add pictures.` : 'It is off.';
    this.#status.textContent = isOn ? 'Hold a button to record what is in the square.' : off;
  }
}
