import type { Config } from './layers/layer.js';
import { Registry, type TypeName, typeOf } from './registry.js';
import { checkOptions, having, rate, wholeNumber } from './runtime/checks.js';

/**
 * A learning rate that depends on how many steps the optimizer has taken, and
 * on nothing else: training that resumes goes on with the rate it would have
 * had. An option of {@link Model.train}; a class of your own works too. Rates
 * are computed without the host's `Math`, so that they are the same everywhere.
 */
export abstract class Schedule {
  /** Name of the class as data. */
  static readonly type?: string;

  /** The learning rate for the step after `steps` others, a whole number of at least 0. */
  abstract rate(steps: number): number;

  /** All constructor arguments by name, as plain data. */
  abstract getConfig(): Config;
}

/** Checks for a schedule, of whatever class. */
export const isSchedule = /* @__PURE__ */ having('a Schedule', 'rate');

/** @throws {@link ValueError} and {@link ArgumentTypeError} for what counts no steps. */
function checkSteps(steps: number): void {
  wholeNumber('Schedule.rate: steps', steps, 0);
}

/** initial * factor^floor(steps / every): falls by a factor every so many steps. */
export class StepDecay extends Schedule {
  static override readonly type: TypeName<'StepDecay'> = 'StepDecay';

  readonly #options: { initial: number; factor: number; every: number };

  /**
   * @param options - `initial` rate, `factor` (default 0.1), `every` so many steps.
   * @throws {@link ValueError} for numbers out of range.
   */
  constructor(options: {
    /** The first rate, at least 0. */
    readonly initial: number;
    /** Factor of the rate, at least 0. Default 0.1. */
    readonly factor?: number | undefined;
    /** Number of steps after which it falls, at least 1. */
    readonly every: number;
  }) {
    super();
    const checks = { initial: rate, every: wholeNumber, factor: rate };
    const { initial, factor = 0.1, every } = checkOptions('StepDecay', options, checks, 2);
    this.#options = { initial, factor, every };
  }

  override rate(steps: number): number {
    const { initial, factor, every } = this.#options;
    checkSteps(steps);
    let rate = initial;
    // By squares: a checkpoint may hold any number of steps.
    let power = factor;
    for (let falls = Math.floor(steps / every); falls > 0; falls = Math.floor(falls / 2)) {
      if (falls % 2 === 1) rate *= power;
      power *= power;
    }
    return rate;
  }

  override getConfig(): Config {
    return { type: typeOf(this), ...this.#options };
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
  static override readonly type: TypeName<'CosineDecay'> = 'CosineDecay';

  readonly #options: { initial: number; final: number; steps: number };

  /**
   * @param options - `initial` rate, `final` one (default 0), over `steps` steps.
   * @throws {@link ValueError} for numbers out of range.
   */
  constructor(options: {
    /** The first rate, at least 0. */
    readonly initial: number;
    /** The last rate, at least 0. Default 0. */
    readonly final?: number | undefined;
    /** Number of steps from the first rate to the last, at least 1. */
    readonly steps: number;
  }) {
    super();
    const checks = { initial: rate, steps: wholeNumber, final: rate };
    const { initial, final = 0, steps } = checkOptions('CosineDecay', options, checks, 2);
    this.#options = { initial, final, steps };
  }

  override rate(steps: number): number {
    const { initial, final, steps: all } = this.#options;
    checkSteps(steps);
    if (steps >= all) return final;
    // (1 + cos 2x) / 2 = cos^2 x.
    const half = cosine(((Math.PI / 2) * steps) / all);
    return final + (initial - final) * half * half;
  }

  override getConfig(): Config {
    return { type: typeOf(this), ...this.#options };
  }
}

/**
 * Rises in a straight line to another schedule's first rate in `steps` steps,
 * then follows that schedule from its beginning (Goyal et al., "Accurate, large
 * minibatch SGD", 2017, section 2.2).
 */
export class WarmUp extends Schedule {
  static override readonly type: TypeName<'WarmUp'> = 'WarmUp';

  /** @internal */
  static fromConfig(
    { schedule, ...options }: Config,
    create: (config: unknown) => Schedule,
  ): WarmUp {
    return new this({ ...(options as { steps: number }), schedule: create(schedule) });
  }

  readonly #steps: number;
  readonly #schedule: Schedule;

  /**
   * @throws {@link ValueError} unless `steps` is a whole number of at least 1,
   * {@link ArgumentTypeError} for anything but a schedule.
   */
  constructor(options: {
    /** Number of steps that it rises, at least 1. */
    readonly steps: number;
    /** The schedule that follows. */
    readonly schedule: Schedule;
  }) {
    super();
    const checks = { steps: wholeNumber, schedule: isSchedule };
    const { steps, schedule } = checkOptions('WarmUp', options, checks, 2);
    this.#steps = steps;
    this.#schedule = schedule;
  }

  override rate(steps: number): number {
    checkSteps(steps);
    if (steps >= this.#steps) return this.#schedule.rate(steps - this.#steps);
    return (this.#schedule.rate(0) * (steps + 1)) / this.#steps;
  }

  override getConfig(): Config {
    return { type: typeOf(this), steps: this.#steps, schedule: this.#schedule.getConfig() };
  }
}

const scheduleClasses = [StepDecay, CosineDecay, WarmUp] as const;

/** All schedule classes by name. */
export const schedules = /* @__PURE__ */ new Registry<Schedule, (typeof scheduleClasses)[number]>(
  'schedule',
  scheduleClasses,
);

/**
 * Makes a schedule again from what its `getConfig()` returned.
 * @throws {@link ValueError} for an unknown type or numbers out of range, {@link ArgumentTypeError}
 * for anything but an object with a type.
 */
export function scheduleFromConfig(config: Config): Schedule {
  return schedules.create(config);
}
