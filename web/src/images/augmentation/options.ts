import { type Check, reject } from '../../runtime/checks.js';

/**
 * The bounds of a random change: a number f means anything between -f and f, a pair anything between
 * its two; a pair of equal ones is that number each time.
 */
export type Factor = number | readonly [lower: number, upper: number];

/** The two numbers of a pair; undefined for anything else. */
function pairOf(value: unknown): readonly [number, number] | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [first, second] = value as unknown[];
  return typeof first === 'number' && typeof second === 'number' ? [first, second] : undefined;
}

/** The numbers that a random change lies between. */
export type Bounds = readonly [lower: number, upper: number];

/** The lower and the upper bound of a factor. */
export function boundsOf(factor: Factor): Bounds {
  return typeof factor === 'number' ? [-factor, factor] : factor;
}

/** A check for factors: a number of at least 0 or a pair, whose bounds fit. */
function factorOf(wanted: string, fit: (lower: number, upper: number) => boolean): Check {
  return (what, value) => {
    const pair = typeof value === 'number' ? ([-value, value] as const) : pairOf(value);
    if (pair === undefined) return reject(what, wanted, value);
    const isPositive = typeof value !== 'number' || value >= 0;
    return isPositive && fit(...pair) ? value : reject(what, wanted, value, typeof value);
  };
}

/** A check for factors from -1 to 1. */
export const checkFactor = /* @__PURE__ */ factorOf(
  'a number from 0 to 1, or [lower, upper] from -1 to 1',
  (lower, upper) => -1 <= lower && lower <= upper && upper <= 1,
);

/** A check for factors that are added to a scale of 1, which stays above 0. */
export const checkZoomFactor = /* @__PURE__ */ factorOf(
  'a number from 0 to below 1, or [lower, upper] from above -1 to 1',
  (lower, upper) => -1 < lower && lower <= upper && upper <= 1,
);

/** A check for the factors of contrast: what it falls by at most, and what it rises by at most. */
export const checkContrastFactor = /* @__PURE__ */ factorOf(
  'a number from 0 to 1, or [lower, upper] from -1 to 1 with -lower at most upper',
  (lower, upper) => Math.abs(lower) <= 1 && upper <= 1 && -lower <= upper,
);

const isFloat = (value: unknown): boolean =>
  typeof value === 'number' && Number.isFinite(Math.fround(value));

/** A check for numbers that float32 can hold. */
export const checkFloat: Check = (what, value) =>
  isFloat(value) ? value : reject(what, 'a finite number that float32 can hold', value, 'number');

/** A check for the least and the greatest value of pixels. */
export const checkRange: Check = (what, value) => {
  const pair = pairOf(value);
  const wanted = '[lower, upper], finite and lower below upper in float32';
  if (pair?.every(isFloat) === true && Math.fround(pair[0]) < Math.fround(pair[1])) return value;
  return reject(what, wanted, value, pair && 'object');
};

/** A check for one of some texts. */
export const oneOf =
  (...texts: readonly string[]): Check =>
  (what, value) => {
    if (texts.includes(value as string)) return value;
    const wanted = texts.map((text) => `'${text}'`).join(' or ');
    return reject(what, wanted, value, 'string');
  };
