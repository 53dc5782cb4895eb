import { factoriesOf, type Factory } from './factory.js';
import type { Config } from './layers/layer.js';
import {
  checkOptions,
  plainOptions,
  rate,
  reject,
  suggest,
  wholeNumber,
  withMethod,
} from './runtime/checks.js';
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

/** Checks for a schedule, or an object that works as one. */
export const isSchedule = withMethod('a Schedule', 'rate');

const checkSteps = ({ constructor }: Schedule, steps: number): number =>
  wholeNumber(`${constructor.name}.rate: steps`, steps, 0);

/**
 * start * factor^times by multiplications alone: one after another up to 1000 of them, by squares
 * beyond, since a checkpoint may have counted up to 2^53 steps.
 */
function decayed(start: number, factor: number, times: number): number {
  let result = start;
  if (times <= 1000) {
    for (let i = 0; i < times; i++) result *= factor;
    return result;
  }
  const half = decayed(1, factor, Math.floor(times / 2));
  return start * half * half * (times % 2 === 1 ? factor : 1);
}

/** initial * factor^floor(steps / every): falls by a factor every so many steps. */
export class StepDecay extends Schedule {
  readonly #options: { initial: number; factor: number; every: number };

  /**
   * @param options - `initial` rate, `factor` (default 0.1), `every` so many steps.
   * @throws {@link ValueError} for numbers out of range.
   */
  constructor(options: {
    readonly initial: number;
    readonly factor?: number | undefined;
    readonly every: number;
  }) {
    super();
    const checks = { initial: rate, factor: rate, every: wholeNumber };
    const own = checkOptions('StepDecay', options, checks, 'initial', ['initial', 'every']);
    this.#options = { ...own, factor: own.factor ?? 0.1 };
  }

  override rate(steps: number): number {
    const { initial, factor, every } = this.#options;
    return decayed(initial, factor, Math.floor(checkSteps(this, steps) / every));
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
  constructor(options: {
    readonly initial: number;
    readonly final?: number | undefined;
    readonly steps: number;
  }) {
    super();
    const checks = { initial: rate, final: rate, steps: wholeNumber };
    const own = checkOptions('CosineDecay', options, checks, 'initial', ['initial', 'steps']);
    this.#options = { ...own, final: own.final ?? 0 };
  }

  override rate(steps: number): number {
    const { initial, final, steps: all } = this.#options;
    if (checkSteps(this, steps) >= all) return final;
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
  constructor(options: { readonly steps: number; readonly schedule: Schedule }) {
    super();
    const checks = { steps: wholeNumber, schedule: isSchedule };
    const own = checkOptions('WarmUp', options, checks, 'steps', ['steps', 'schedule']);
    this.#steps = own.steps;
    this.#schedule = own.schedule;
  }

  override rate(steps: number): number {
    if (checkSteps(this, steps) >= this.#steps) return this.#schedule.rate(steps - this.#steps);
    return (this.#schedule.rate(0) * (steps + 1)) / this.#steps;
  }

  override getConfig(): Config {
    return { type: 'WarmUp', steps: this.#steps, schedule: this.#schedule.getConfig() };
  }
}

const factories = new Map<string, Factory<Schedule>>(
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
  const { type, ...options } = plainOptions('scheduleFromConfig', config, 'type');
  if (typeof type !== 'string') reject('scheduleFromConfig: type', 'the name of a schedule', type);
  const factory = factories.get(type);
  if (factory) return factory(options);
  throw new ValueError(
    `scheduleFromConfig: unknown schedule ${describe(type)}${suggest(type, factories.keys())}`,
  );
}
