import type { Config } from './layers/layer.js';
import { ValueError } from './runtime/errors.js';

/**
 * A learning rate that depends on how many steps the optimizer has taken, and
 * on nothing else: training that resumes goes on with the rate it would have
 * had. An option of {@link Model.train}; a class of your own works too. Rates
 * are computed without the host's `Math`, so that they are the same everywhere.
 */
export abstract class Schedule {
  /** The learning rate for the step after `steps` others. */
  abstract rate(steps: number): number;

  /** All constructor arguments by name, as plain data. */
  abstract getConfig(): Config;
}

function check(
  owner: string,
  name: string,
  value: number,
  minimum: number,
  whole: boolean,
): number {
  if (Number.isFinite(value) && value >= minimum && (!whole || Number.isInteger(value)))
    return value;
  throw new ValueError(
    `${owner}: ${name} must be a ${whole ? 'whole' : 'finite'} number of at least ` +
      `${minimum}, got ${value}`,
  );
}

/** initial * factor^floor(steps / every): falls by a factor every so many steps. */
export class StepDecay extends Schedule {
  readonly #initial: number;
  readonly #factor: number;
  readonly #every: number;

  /**
   * @param options - `initial` rate, `factor` (default 0.1), `every` so many steps.
   * @throws {@link ValueError} for numbers out of range.
   */
  constructor({
    initial,
    factor = 0.1,
    every,
  }: {
    readonly initial: number;
    readonly factor?: number | undefined;
    readonly every: number;
  }) {
    super();
    this.#initial = check('StepDecay', 'initial', initial, 0, false);
    this.#factor = check('StepDecay', 'factor', factor, 0, false);
    this.#every = check('StepDecay', 'every', every, 1, true);
  }

  override rate(steps: number): number {
    let rate = this.#initial;
    for (let falls = Math.floor(steps / this.#every); falls > 0 && rate !== 0; falls--) {
      rate *= this.#factor;
    }
    return rate;
  }

  override getConfig(): Config {
    return { type: 'StepDecay', initial: this.#initial, factor: this.#factor, every: this.#every };
  }
}

/** Cosine of x from 0 to pi / 2, by its Taylor series: exact to float64's last digits. */
function cosine(x: number): number {
  let term = 1;
  let sum = 1;
  for (let i = 1; i <= 12; i++) {
    term *= (-x * x) / (2 * i * (2 * i - 1));
    sum += term;
  }
  return sum;
}

/**
 * Half a cosine from `initial` to `final` over `steps` steps, then `final`:
 * final + (initial - final) (1 + cos(pi t / steps)) / 2 (Loshchilov, Hutter,
 * "SGDR", 2017, equation 5).
 */
export class CosineDecay extends Schedule {
  readonly #initial: number;
  readonly #final: number;
  readonly #steps: number;

  /**
   * @param options - `initial` rate, `final` one (default 0), over `steps` steps.
   * @throws {@link ValueError} for numbers out of range.
   */
  constructor({
    initial,
    final = 0,
    steps,
  }: {
    readonly initial: number;
    readonly final?: number | undefined;
    readonly steps: number;
  }) {
    super();
    this.#initial = check('CosineDecay', 'initial', initial, 0, false);
    this.#final = check('CosineDecay', 'final', final, 0, false);
    this.#steps = check('CosineDecay', 'steps', steps, 1, true);
  }

  override rate(steps: number): number {
    if (steps >= this.#steps) return this.#final;
    // (1 + cos 2x) / 2 = cos^2 x.
    const half = cosine(((Math.PI / 2) * steps) / this.#steps);
    return this.#final + (this.#initial - this.#final) * half * half;
  }

  override getConfig(): Config {
    return { type: 'CosineDecay', initial: this.#initial, final: this.#final, steps: this.#steps };
  }
}

/**
 * Rises in a straight line to another schedule's first rate in `steps` steps,
 * then follows that schedule from its beginning (Goyal et al., "Accurate, large
 * minibatch SGD", 2017, section 2.2).
 */
export class WarmUp extends Schedule {
  readonly #steps: number;
  readonly #schedule: Schedule;

  /** @throws {@link ValueError} unless `steps` is a whole number of at least 1. */
  constructor({ steps, schedule }: { readonly steps: number; readonly schedule: Schedule }) {
    super();
    this.#steps = check('WarmUp', 'steps', steps, 1, true);
    this.#schedule = schedule;
  }

  override rate(steps: number): number {
    if (steps >= this.#steps) return this.#schedule.rate(steps - this.#steps);
    return (this.#schedule.rate(0) * (steps + 1)) / this.#steps;
  }

  override getConfig(): Config {
    return { type: 'WarmUp', steps: this.#steps, schedule: this.#schedule.getConfig() };
  }
}

/**
 * Makes a schedule again from what its `getConfig()` returned.
 * @throws {@link ValueError} for an unknown type or numbers out of range.
 */
export function scheduleFromConfig(config: Config): Schedule {
  const { type } = config;
  if (type === 'StepDecay') {
    return new StepDecay(config as unknown as ConstructorParameters<typeof StepDecay>[0]);
  }
  if (type === 'CosineDecay') {
    return new CosineDecay(config as unknown as ConstructorParameters<typeof CosineDecay>[0]);
  }
  if (type === 'WarmUp') {
    const { steps, schedule } = config as unknown as { steps: number; schedule: Config };
    return new WarmUp({ steps, schedule: scheduleFromConfig(schedule) });
  }
  throw new ValueError(`scheduleFromConfig: unknown schedule '${String(type)}'`);
}
