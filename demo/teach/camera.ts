/** Why there is no camera, in words for the page's reader. */
function reasonOf(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError') return 'The browser was not allowed to use the camera.';
  if (name === 'NotFoundError') return 'No camera was found.';
  if (name === 'NotReadableError') return 'The camera is used by another program.';
  return `The camera cannot be used: ${error instanceof Error ? error.message : String(error)}.`;
}

/** The camera's stream, where the browser knows cameras: not on a page that came without https. */
async function openStream(): Promise<MediaStream> {
  const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
  if (!mediaDevices) throw new Error('this page came without https');
  const video = { width: { ideal: 640 }, height: { ideal: 480 } };
  return mediaDevices.getUserMedia({ video, audio: false });
}

/** The camera, shown in a video. */
export class Camera {
  readonly #changed: (problem?: string) => void;
  readonly video: HTMLVideoElement;
  #isOn = false;

  /** @param changed - Called when the camera went on or off, with the reason if it was not asked for. */
  constructor(video: HTMLVideoElement, changed: (problem?: string) => void) {
    this.video = video;
    this.#changed = changed;
  }

  /** Whether it shows pictures. */
  get isOn(): boolean {
    return this.#isOn;
  }

  async start(): Promise<void> {
    try {
      const stream = await openStream();
      this.video.srcObject = stream;
      for (const track of stream.getTracks()) {
        track.addEventListener('ended', () => this.#end('The camera is gone.'));
      }
      await this.video.play();
      this.#isOn = true;
      this.#changed();
    } catch (error) {
      this.#end(reasonOf(error));
    }
  }

  stop(): void {
    this.#end();
  }

  #end(problem?: string): void {
    const stream = this.video.srcObject;
    if (stream instanceof MediaStream) for (const track of stream.getTracks()) track.stop();
    this.video.srcObject = null;
    this.#isOn = false;
    this.#changed(problem);
  }
}
