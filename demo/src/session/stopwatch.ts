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
