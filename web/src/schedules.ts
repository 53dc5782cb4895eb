import { factoriesOf, type Factory } from './factory.js';
import type { Config } from './layers/layer.js';
import { wholeNumber } from './runtime/checks.js';
import { describe, ValueError } from './runtime/errors.js';

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

/**
 * Options as a schedule keeps them.
 * @throws {@link ValueError} unless rates are finite and at least 0, counts whole and at least 1.
 */
function checked<Rates extends Record<string, number>, Counts extends Record<string, number>>(
  owner: string,
  rates: Rates,
  counts: Counts,
): Rates & Counts {
  for (const [name, value] of Object.entries(rates)) {
    if (Number.isFinite(value) && value >= 0) continue;
    throw new ValueError(
      `${owner}: ${name} must be a finite number of at least 0, got ${describe(value)}`,
    );
  }
  for (const [name, value] of Object.entries(counts)) wholeNumber(`${owner}: ${name}`, value);
  return { ...rates, ...counts };
}

/** initial * factor^floor(steps / every): falls by a factor every so many steps. */
export class StepDecay extends Schedule {
  readonly #options: { initial: number; factor: number; every: number };

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
    this.#options = checked('StepDecay', { initial, factor }, { every });
  }

  override rate(steps: number): number {
    const { initial, factor, every } = this.#options;
    let rate = initial;
    for (let falls = Math.floor(steps / every); falls > 0 && rate !== 0; falls--) rate *= factor;
    return rate;
  }

  override getConfig(): Config {
    return { type: 'StepDecay', ...this.#options };
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
  readonly #options: { initial: number; final: number; steps: number };

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
    this.#options = checked('CosineDecay', { initial, final }, { steps });
  }

  override rate(steps: number): number {
    const { initial, final, steps: all } = this.#options;
    if (steps >= all) return final;
    // (1 + cos 2x) / 2 = cos^2 x.
    const half = cosine(((Math.PI / 2) * steps) / all);
    return final + (initial - final) * half * half;
  }

  override getConfig(): Config {
    return { type: 'CosineDecay', ...this.#options };
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
    this.#steps = wholeNumber('WarmUp: steps', steps);
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

const factories = new Map<unknown, Factory<Schedule>>(
  Object.entries({
    ...factoriesOf<Schedule>({ CosineDecay, StepDecay }),
    WarmUp: ({ steps, schedule }) =>
      new WarmUp({ steps: steps as number, schedule: scheduleFromConfig(schedule as Config) }),
  }),
);

/**
 * Makes a schedule again from what its `getConfig()` returned.
 * @throws {@link ValueError} for an unknown type or numbers out of range.
 */
export function scheduleFromConfig(config: Config): Schedule {
  const factory = factories.get(config['type']);
  if (factory) return factory(config);
  throw new ValueError(`scheduleFromConfig: unknown schedule '${describe(config['type'])}'`);
}
