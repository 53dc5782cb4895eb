import { beforeAll, describe, expect, test } from '@jest/globals';
import { AveragePooling2D, init, MaxPooling2D, tensor } from 'lamella';
import { noise, values } from './support.js';

beforeAll(() => init());

test.each([MaxPooling2D, AveragePooling2D])('%p has its pool size as stride', (Pooling) => {
  const layer = new Pooling(3);
  expect([layer.poolSize, layer.stride]).toEqual([3, 3]);
  expect(new Pooling(3, { stride: 2 }).stride).toBe(2);
});

test.each([MaxPooling2D, AveragePooling2D])('%p ignores what no window reaches', (Pooling) => {
  const layer = new Pooling(2, { inputShape: [1, 5, 5] });
  expect(layer.outputShape).toEqual([1, 2, 2]);
  const image = noise([1, 1, 5, 5]);
  const before = values(layer.forward(image));
  for (let i = 0; i < 5; i++) {
    image.view()[i * 5 + 4] = 99;
    image.view()[20 + i] = 99;
  }
  expect(values(layer.forward(image))).toEqual(before);
  const gradient = layer.backward(layer.forward(image)).view();
  for (let i = 0; i < 5; i++) expect([gradient[i * 5 + 4], gradient[20 + i]]).toEqual([0, 0]);
});

describe('MaxPooling2D', () => {
  test('sends the gradient to the first of equals', () => {
    const layer = new MaxPooling2D(2);
    layer.forward(tensor([0, 0, 0, 0], [1, 1, 2, 2]));
    expect(values(layer.backward(tensor([5], [1, 1, 1, 1])))).toEqual([5, 0, 0, 0]);
    layer.forward(tensor([1, 2, 2, 0], [1, 1, 2, 2]));
    expect(values(layer.backward(tensor([5], [1, 1, 1, 1])))).toEqual([0, 5, 0, 0]);
  });

  test('lets NaN win', () => {
    const layer = new MaxPooling2D(2);
    const output = layer.forward(tensor([1, NaN, 3, 2], [1, 1, 2, 2]));
    expect(values(output)).toEqual([NaN]);
    expect(values(layer.backward(tensor([5], [1, 1, 1, 1])))).toEqual([0, 5, 0, 0]);
  });

  test('adds up gradients where windows overlap', () => {
    const layer = new MaxPooling2D(2, { stride: 1 });
    layer.forward(tensor([0, 0, 0, 0, 9, 0, 0, 0, 0], [1, 1, 3, 3]));
    const gradient = layer.backward(tensor([1, 2, 3, 4], [1, 1, 2, 2]));
    expect(values(gradient)).toEqual([0, 0, 0, 0, 10, 0, 0, 0, 0]);
  });
});

test('AveragePooling2D spreads the gradient evenly', () => {
  const layer = new AveragePooling2D(2);
  expect(values(layer.forward(tensor([1, 2, 3, 6], [1, 1, 2, 2])))).toEqual([3]);
  expect(values(layer.backward(tensor([8], [1, 1, 1, 1])))).toEqual([2, 2, 2, 2]);
});
