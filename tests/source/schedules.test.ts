// Learning rates by their formulas.
import { expect, test } from '@jest/globals';
import { CosineDecay, scheduleFromConfig, StepDecay, WarmUp } from '../../web/src/schedules.js';

const steps = [0, 1, 2, 3, 5, 8, 100];

test.each([
  [
    new StepDecay({ initial: 0.5, factor: 0.1, every: 3 }),
    (t: number) => 0.5 * 0.1 ** Math.floor(t / 3),
  ],
  [
    new CosineDecay({ initial: 1, final: 0.1, steps: 8 }),
    (t: number) => 0.1 + (0.9 * (1 + Math.cos((Math.PI * Math.min(t, 8)) / 8))) / 2,
  ],
  [
    new WarmUp({ steps: 4, schedule: new StepDecay({ initial: 2, every: 1 }) }),
    (t: number) => (t < 4 ? (2 * (t + 1)) / 4 : 2 * 0.1 ** (t - 4)),
  ],
])('%p', (schedule, formula) => {
  for (const t of steps) expect(schedule.rate(t)).toBeCloseTo(formula(t), 12);
  const again = scheduleFromConfig(schedule.getConfig());
  for (const t of steps) expect(again.rate(t)).toBe(schedule.rate(t));
});
