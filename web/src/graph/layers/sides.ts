import type { KerasLayer } from '../../io/keras/layer.js';
import type { PerAxis, PerSide } from '../../layers/windows.js';
import { FormatError } from '../../runtime/errors.js';

type Pair = readonly [number, number];

/** A number for both, or two. */
export const pair = (value: number | Pair): Pair =>
  typeof value === 'number' ? [value, value] : value;

/** The pixels on each side that a number, a pair [vertical, horizontal] or sides mean. */
export function sidesOf(value: PerAxis | PerSide): PerSide {
  const [vertical, horizontal] = typeof value === 'number' ? [value, value] : value;
  return [pair(vertical), pair(horizontal)];
}

/** A setting of a Keras layer that is such pixels. */
export function kerasSides(layer: KerasLayer, key: string, missing: number): PerSide {
  const value = layer.setting(key) ?? missing;
  const isCount = (given: unknown): given is number =>
    Number.isSafeInteger(given) && (given as number) >= 0;
  const isPair = (given: unknown): boolean =>
    isCount(given) || (Array.isArray(given) && given.length === 2 && given.every(isCount));
  if (isPair(value) || (Array.isArray(value) && value.length === 2 && value.every(isPair))) {
    return sidesOf(value as unknown as PerAxis | PerSide);
  }
  throw new FormatError(
    `${layer.name}: ${key}`,
    'expected a whole number of at least 0, two of them, or two pairs of them',
  );
}
