import { beforeAll, describe, expect, test } from '@jest/globals';
import { BatchNormalization, BatchNormalization2D, init, type Shape, tensor } from 'lamella';
import { noise, values } from './support.js';

beforeAll(() => init());

describe.each<[string, () => BatchNormalization | BatchNormalization2D, Shape]>([
  ['BatchNormalization', () => new BatchNormalization({ inputShape: [1] }), [4, 1]],
  ['BatchNormalization2D', () => new BatchNormalization2D({ inputShape: [1, 2, 1] }), [2, 1, 2, 1]],
])('%s', (_, make, batch) => {
  // Mean 4, variance 5.
  const input = () => tensor([1, 3, 5, 7], batch);
  const normalized = [-3, -1, 1, 3].map((value) => value / Math.sqrt(5));

  test('normalizes with the statistics of the batch while training', () => {
    const layer = make();
    const output = values(layer.forward(input()));
    output.forEach((value, i) => expect(value).toBeCloseTo(normalized[i] as number, 6));
  });

  test('keeps a running mean and the biased running variance', () => {
    const layer = make();
    layer.forward(input());
    expect(layer.state['cache_m']?.view()[0]).toBeCloseTo(0.4, 6);
    expect(layer.state['cache_v']?.view()[0]).toBeCloseTo(0.9 + 0.5, 6);
    layer.forward(input());
    expect(layer.state['cache_m']?.view()[0]).toBeCloseTo(0.76, 6);
  });

  test('normalizes with the running statistics at inference, and leaves them', () => {
    const layer = make();
    layer.state = {
      cache_m: tensor([4], layer.gamma.shape),
      cache_v: tensor([5], layer.gamma.shape),
    };
    layer.loadParams({
      gamma: tensor([2], layer.gamma.shape),
      beta: tensor([10], layer.gamma.shape),
    });
    const output = values(layer.forward(input(), false));
    output.forEach((value, i) => expect(value).toBeCloseTo(10 + 2 * (normalized[i] as number), 5));
    expect(values(layer.state['cache_m'] as never)).toEqual([4]);
    // The running statistics are constants: the gradient is gamma / deviation.
    const gradient = values(layer.backward(tensor([1, 1, 1, 1], batch)));
    for (const value of gradient) expect(value).toBeCloseTo(2 / Math.sqrt(5), 6);
  });

  test('sends no gradient through a constant shift of the batch while training', () => {
    const layer = make();
    layer.forward(input());
    for (const value of values(layer.backward(tensor([1, 1, 1, 1], batch)))) {
      expect(value).toBeCloseTo(0, 6);
    }
    expect(values(layer.params['beta']?.gradient as never)).toEqual([4]);
  });

  test('has live state', () => {
    const layer = make();
    const { cache_m: mean } = layer.state;
    mean?.set([7]);
    expect(layer.state['cache_m']?.view()[0]).toBe(7);
    layer.forward(noise(batch));
    expect(mean?.view()[0]).toBe(layer.state['cache_m']?.view()[0]);
    expect(mean?.view()[0]).not.toBe(7);
  });

  test('of a constant feature is finite', () => {
    const layer = make();
    expect(values(layer.forward(tensor([3, 3, 3, 3], batch)))).toEqual([0, 0, 0, 0]);
    for (const value of values(layer.backward(noise(batch)))) {
      expect(Number.isFinite(value)).toBe(true);
    }
  });
});
