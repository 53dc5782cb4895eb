/** Resolves in a later task, so that messages are read in between; without a timer's delay. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** A door that those who wait at it pass while it is open. */
export class Gate {
  #opened: Promise<void> | undefined;
  #open: (() => void) | undefined;

  close(): void {
    this.#opened ??= new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open?.();
    this.#opened = undefined;
  }

  get closed(): boolean {
    return this.#opened !== undefined;
  }

  async pass(): Promise<void> {
    await this.#opened;
  }
}

/** Seconds that it was running. */
export class Stopwatch {
  #seconds: number;
  #since: number | undefined;

  /** @param seconds - Where it goes on from. */
  constructor(seconds = 0) {
    this.#seconds = seconds;
  }

  start(): void {
    this.#since ??= performance.now();
  }

  stop(): void {
    this.#seconds = this.seconds;
    this.#since = undefined;
  }

  get seconds(): number {
    const running = this.#since === undefined ? 0 : (performance.now() - this.#since) / 1000;
    return this.#seconds + running;
  }
}
