import { isDetached, reject } from '../runtime/checks.js';
import { isDataset } from './dataset.js';

/**
 * The length of a list of numbers.
 *
 * @throws {@link ArgumentTypeError} unless it has numbers by index; BigInts are none, nor is a data set.
 */
export function lengthOf(what: string, list: unknown): number {
  const { length } = Object(list) as { length: number };
  const isList = ArrayBuffer.isView(list)
    ? typeof (list as unknown as ArrayLike<unknown>)[0] !== 'bigint' && !isDetached(list)
    : typeof list === 'object' && !isDataset(list);
  if (isList && Number.isSafeInteger(length) && length >= 0) return length;
  return reject(what, 'an array or typed array of numbers', list);
}

/**
 * The numbers of a list, each read once: whatever its getters do is done before they are used.
 *
 * @throws {@link ArgumentTypeError} for anything but a list, {@link ValueError} for anything but
 * numbers in it.
 */
export function readNumbers(what: string, list: unknown): ArrayLike<number> {
  const length = lengthOf(what, list);
  if (ArrayBuffer.isView(list)) return list as unknown as ArrayLike<number>;
  const numbers: number[] = [];
  for (let i = 0; i < length; i++) {
    const value = (list as ArrayLike<unknown>)[i];
    if (typeof value !== 'number') reject(`${what}[${i}]`, 'a number', value, typeof value);
    numbers.push(value);
  }
  return numbers;
}
