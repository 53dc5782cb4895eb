import { beforeAll, describe, expect, test } from '@jest/globals';
import { Dropout, init, tensor, zeros } from 'lamella';
import { noise, values } from './support.js';

beforeAll(() => init());

function ones(count: number): number[] {
  return new Array<number>(count).fill(1);
}

describe('Dropout', () => {
  test('drops its fraction and scales the rest, another choice in every pass', () => {
    const layer = new Dropout(0.2);
    const input = tensor(ones(10_000), [10, 1000]);
    const first = values(layer.forward(input));
    expect(new Set(first)).toEqual(new Set([0, 1.25]));
    const dropped = first.filter((value) => value === 0).length;
    // Six standard deviations of a binomial distribution.
    expect(Math.abs(dropped - 2000)).toBeLessThan(6 * Math.sqrt(10_000 * 0.2 * 0.8));
    expect(values(layer.forward(input))).not.toEqual(first);
  });

  test('sends the gradient where the input went', () => {
    const layer = new Dropout(0.5);
    const output = layer.forward(tensor(ones(100), [1, 100]));
    const gradient = layer.backward(tensor(ones(100), [1, 100]));
    expect(values(gradient)).toEqual(values(output));
  });

  test('passes everything through at inference, and its gradient after that', () => {
    const layer = new Dropout(0.9);
    const input = noise([4, 5]);
    layer.forward(input);
    expect(values(layer.forward(input, false))).toEqual(values(input));
    const gradient = noise([4, 5], 2);
    expect(values(layer.backward(gradient))).toEqual(values(gradient));
  });

  test('passes everything through with probability 0', () => {
    const layer = new Dropout(0);
    const input = noise([4, 5]);
    expect(values(layer.forward(input))).toEqual(values(input));
    expect(values(layer.backward(input))).toEqual(values(input));
  });

  test('drops everything with probability 1, without NaN', () => {
    const layer = new Dropout(1);
    const input = noise([4, 5]);
    const zero = (value: number): boolean => value === 0;
    expect(values(layer.forward(input)).every(zero)).toBe(true);
    expect(values(layer.backward(input)).every(zero)).toBe(true);
    expect(values(layer.forward(input, false))).toEqual(values(input));
  });

  test('of two layers are not the same', () => {
    const input = tensor(ones(200), [1, 200]);
    const [a, b] = [new Dropout(), new Dropout()].map((layer) => values(layer.forward(input)));
    expect(a).not.toEqual(b);
  });

  test('takes one-element batches of any rank', () => {
    expect(new Dropout().forward(zeros([1, 2, 3, 4, 5])).shape).toEqual([1, 2, 3, 4, 5]);
  });
});
